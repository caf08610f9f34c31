// Package browsertest looks at the page of package page with a browser: what
// its script does, whether anything is loaded from elsewhere, and whether
// people can use it who see, hear or point differently (axe-core).
//
// It needs Chromium, and axe-core from npm (npm ci in this folder). Without them
// the tests are skipped, unless BROWSER_TESTS=required.
package browsertest
