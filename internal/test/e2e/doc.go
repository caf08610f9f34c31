// Package e2e tests the whole chain: the real functions, built for this
// machine, run from the synthesized template behind the gateway. It contains
// only tests.
//
// The tests use the same sources as a deployment: the CDK app runs as a child process,
// as the CDK's command line runs it, and routes, authorizer, environment, memory and
// timeouts are read from its template. The app runs in a copy of the project, and child
// processes do not inherit the developer's settings. In tests in which keys age, the
// functions differ from the deployed ones in their clock only. The tools are a fixture
// (testdata/fixture.go.txt replaces tools/), so deleting the samples breaks only the tests
// of the samples.
package e2e
