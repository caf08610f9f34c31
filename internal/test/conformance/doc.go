// Package conformance runs the official conformance suite of the Model Context
// Protocol against the server that this project makes. It has no code but
// tests; see the package fixture for what is served.
//
// The suite runs in both of its lines, for both eras of the protocol, against
// the server in each of its shapes: behind the gateway and its authorizer, where
// answers come in one piece; behind a Function URL, where they stream; and as two
// tasks behind a load balancer, without sessions and with them. What fails is on
// a list with its reason, expected-failures.yml; what fails and is not listed
// fails the test, and so does what is listed and passes, and what did not run.
package conformance
