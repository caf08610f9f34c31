// Package e2e tests the whole chain: the real functions, built for this
// machine, run from the synthesised template behind the gateway. It has no
// code but tests.
//
// Nothing is taken from the sources that a deployment would not take as well:
// the CDK app runs as a child process, as the CDK's command line runs it, and
// routes, authorizer, environment, memory and time-outs are read from what it
// wrote. It runs in a copy of the project, and no child process is given a
// setting of whoever runs the tests. Where keys have to grow old, the authorizer
// is the deployed one but for its clock. Machinery is tested with tools of its own (testdata/fixture.go.txt
// takes the place of tools/), so that whoever deletes the samples breaks none
// of these tests but the samples' own.
package e2e
