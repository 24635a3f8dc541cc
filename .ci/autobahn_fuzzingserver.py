"""Runs the suite's fuzzing server on a free port of 127.0.0.1, and says which.

Usage: python2.7 autobahn_fuzzingserver.py SPEC_FILE

`wstest -m fuzzingserver` listens on every interface of the machine, whatever
the URL in its specification says; only a wrapper can keep it on the loopback.
"""

import json
import sys

# The suite asks for this import to come first: it chooses Twisted's reactor.
from autobahntestsuite import wstest
from autobahntestsuite import fuzzing

listen_everywhere = fuzzing.listenWS


def listen_on_loopback(factory, context_factory=None):
    factory.port = 0
    listener = listen_everywhere(factory, context_factory, interface="127.0.0.1")
    # The suite refuses a Host header that names another port than this.
    factory.port = factory.externalPort = listener.getHost().port
    sys.stdout.write("listening on 127.0.0.1:%d\n" % factory.port)
    sys.stdout.flush()
    return listener


def main():
    if len(sys.argv) != 2:
        sys.exit("want the specification file and nothing else")
    with open(sys.argv[1]) as spec_file:
        spec = json.load(spec_file)
    fuzzing.listenWS = listen_on_loopback
    # A web port of 0 leaves out the page with which a browser would be tested.
    wstest.start({"mode": "fuzzingserver", "webport": 0}, spec)


main()
