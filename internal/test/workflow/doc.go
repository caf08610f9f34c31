// Package workflow tests the workflow for GitHub Actions that the project offers its
// users, .github/workflows/deploy.yml.example, and the IAM role for it,
// docs/deploy-role.yaml: what they may do, and what can be run without GitHub.
package workflow
