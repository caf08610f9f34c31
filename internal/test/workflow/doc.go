// Package workflow tests the GitHub Actions workflow that the project offers its users,
// .github/workflows/deploy.yml.example, and its IAM role, docs/deploy-role.yaml: what they
// are allowed to do, and the scripts that can run without GitHub.
package workflow
