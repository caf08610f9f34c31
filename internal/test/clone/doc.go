// Package clone tests what a user does with a clone of the project: the commands
// of the README, and making the project their own. It contains only tests.
package clone
