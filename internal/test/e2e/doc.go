// Package e2e tests the whole chain: the real functions, built for this
// machine, run from the synthesized template behind the gateway. It contains
// only tests.
//
// Everything comes from where a deployment takes it: the CDK app runs as a child
// process, as the CDK's command line runs it, and routes, authorizer,
// environment, memory and timeouts are read from its template. It runs in a
// copy of the project, and child processes do not inherit the settings of
// the developer. Where keys have to age, the functions are the deployed
// ones except for their clock. The tools are a fixture (testdata/fixture.go.txt
// replaces tools/), so deleting the samples breaks only the tests of the
// samples.
package e2e
