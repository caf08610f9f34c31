// Package clone tests what a user does with a clone of the project: the README's commands
// and the section "Make it yours". It contains only tests.
package clone
