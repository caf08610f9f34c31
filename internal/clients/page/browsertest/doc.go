// Package browsertest tests the page of package page in a browser: what its script does,
// whether it loads anything from elsewhere, and whether it is accessible (axe-core).
//
// It needs Chromium, and axe-core from npm (npm ci in this folder). Without them
// the tests are skipped, unless BROWSER_TESTS=required.
package browsertest
