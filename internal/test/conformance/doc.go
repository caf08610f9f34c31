// Package conformance runs the official conformance suite of the Model Context Protocol
// against the server. It contains only tests; the tools that the suite needs are in package
// fixture.
//
// Both versions of the suite run, for both eras of the protocol, against each
// deployment shape: behind the gateway and its authorizer, where responses are
// buffered; behind a Function URL, where they stream; and as two tasks behind a load
// balancer, with and without sessions. Known failures are listed with a reason in
// expected-failures.yml. The test fails for a failure that is not listed, for a listed
// failure that does not occur, and for a scenario that did not run.
package conformance
