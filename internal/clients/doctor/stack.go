package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// authorizerLimit is how long an HTTP API waits for an authorizer. It is not
// configurable.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const authorizerLimit = 10 * time.Second

// lowConcurrency is the limit below which the check warns. New accounts often
// have 10 or 50; the default is 1000.
const lowConcurrency = 100

// expiryWarning is the remaining validity of a key below which the check warns.
const expiryWarning = 14 * 24 * time.Hour

// RunStack examines a stack. onFinding is as in [Options].
func RunStack(s Stack, now time.Time, onFinding func(Finding)) []Finding {
	var all []Finding
	for _, c := range []struct {
		id, subject, ok, problem string
		finding                  Finding
	}{
		{"stack-status", "state of the stack", "the last deployment succeeded", "the last deployment did not succeed", statusFinding(s)},
		{"stack-protection", "termination protection", protectionTitle(s), "", protectionFinding(s)},
		{"stack-timeouts", "function timeouts", "functions end before the gateway gives up", "a function may run longer than the gateway waits", timeoutsFinding(s)},
		{"stack-errors", "errors of the functions", "no function failed in the last hour", "functions failed in the last hour", errorsFinding(s)},
		{"stack-keys", "expiry of the issued keys", "no issued key expires within 14 days", "issued keys expire soon or have expired", keysFinding(s, now)},
		{"stack-secrets", "tool secrets", "every tool secret has a value", "tool secrets have no value", secretsFinding(s)},
		{"stack-concurrency", "concurrency of the account", "the account has capacity for concurrent calls", "the account's limit of concurrent executions is low", concurrencyFinding(s)},
		{"stack-version", "deployed code", "the deployed code is what this folder builds", "the deployed code is not what this folder builds", versionFinding(s)},
	} {
		f := c.finding
		f.ID = c.id
		f.Title = map[Status]string{OK: c.ok, Skipped: c.subject, Warning: c.problem, Failure: c.problem}[f.Status]
		if onFinding != nil {
			onFinding(f)
		}
		all = append(all, f)
	}
	return all
}

// statusFinding returns the finding for the stack's status, as listed in
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
func statusFinding(s Stack) Finding {
	const breaks = "the next deployment, and perhaps the server"
	switch {
	case s.Status == "":
		return skipped("the status of the stack is unknown")
	case strings.HasSuffix(s.Status, "_IN_PROGRESS"):
		return warning(s.Status, "calls, while resources are being replaced", "Wait until the deployment ends, and run this again.")
	case s.Status == "UPDATE_ROLLBACK_COMPLETE":
		return warning(s.Status+": the previous version is running", "nothing; but your last change is not deployed", "The stack's events have the reason; then deploy again: npx cdk deploy")
	case s.Status == "UPDATE_ROLLBACK_FAILED":
		return failure(s.Status, breaks, "Correct what the stack's events name, then continue the rollback: npx cdk rollback")
	case strings.HasSuffix(s.Status, "_FAILED"), strings.HasPrefix(s.Status, "ROLLBACK_"):
		return failure(s.Status, breaks, "The stack's events have the reason: aws cloudformation describe-stack-events. Then deploy again: npx cdk deploy")
	}
	return ok(s.Status)
}

func protectionTitle(s Stack) string {
	if s.Unprotect == "" {
		return "the stack can be deleted"
	}
	return "the stack is protected from deletion"
}

// protectionFinding reports whether the stack is protected, and how a protected one
// is deleted. Neither state is wrong.
func protectionFinding(s Stack) Finding {
	if s.Unprotect == "" {
		return ok("the issued keys are deleted with it; STAGE=prod or PROTECT=true protects both")
	}
	return ok("to delete it, run " + s.Unprotect + " and npx cdk destroy; the secret IssuedKeys is kept, see mcpctl keys restore --from-secret")
}

func timeoutsFinding(s Stack) Finding {
	const advice = "Deploy again: the value was changed outside the deployment."
	if err := cmp.Or(s.FunctionsErr, s.IntegrationTimeoutsErr); err != nil {
		return skipped(err.Error())
	}
	for _, f := range s.Functions {
		switch {
		case f.IntegrationTimeout > 0 && f.Timeout >= f.IntegrationTimeout:
			return failure(fmt.Sprintf("function %s may run for %v, and the gateway waits %v", f.ID, f.Timeout, f.IntegrationTimeout),
				"every client with a long call: it gets 503 without an explanation", advice)
		case f.ID == "Authorizer" && f.Timeout >= authorizerLimit:
			return failure(fmt.Sprintf("the authorizer may run for %v, and the gateway waits %v", f.Timeout, authorizerLimit),
				"every client, when Secrets Manager is slow", advice)
		}
	}
	return ok("")
}

func errorsFinding(s Stack) Finding {
	if err := cmp.Or(s.FunctionsErr, s.ErrorsErr); err != nil {
		return skipped(err.Error())
	}
	var failed, logs []string
	for _, f := range s.Functions {
		if f.Errors > 0 {
			failed = append(failed, fmt.Sprintf("%s %d", f.ID, f.Errors))
			logs = append(logs, f.LogGroup)
		}
	}
	if failed == nil {
		return ok("")
	}
	return warning("errors: "+strings.Join(failed, ", "), "the callers of these requests: they got 500 or 503",
		"Read the log: aws logs tail "+strings.Join(logs, " or ")+" --since 1h")
}

func keysFinding(s Stack, now time.Time) Finding {
	if s.KeysErr != nil {
		return skipped(s.KeysErr.Error())
	}
	var ending, ended []string
	for _, k := range s.Keys {
		switch left := k.Expires.Sub(now); {
		case k.Expires.IsZero() || left > expiryWarning || isReplaced(k, s.Keys):
		case left <= 0:
			ended = append(ended, k.ID)
		default:
			ending = append(ending, fmt.Sprintf("%s on %s", k.ID, k.Expires.UTC().Format(time.DateOnly)))
		}
	}
	detail := strings.Join(ending, ", ")
	if ended != nil {
		detail = strings.Trim(detail+"; already expired: "+strings.Join(ended, ", "), "; ")
	}
	if detail == "" {
		return ok(fmt.Sprintf("%d issued", len(s.Keys)))
	}
	return warning(detail, "clients with one of these keys: they are rejected after the expiry", "Rotate them with mcpctl keys rotate, or revoke those that are not used.")
}

// isReplaced reports whether a key that expires has a successor with its name.
func isReplaced(k apikey.Key, all []apikey.Key) bool {
	return slices.ContainsFunc(all, func(other apikey.Key) bool {
		return other.ID == k.ID && other.SHA256 != k.SHA256 && (other.Expires.IsZero() || other.Expires.After(k.Expires))
	})
}

func secretsFinding(s Stack) Finding {
	if s.ToolSecretsErr != nil {
		return skipped(s.ToolSecretsErr.Error())
	}
	var unset []string
	for _, secret := range s.ToolSecrets {
		if !secret.Set {
			unset = append(unset, secret.Name)
		}
	}
	if unset == nil {
		return ok(fmt.Sprintf("%d deployed", len(s.ToolSecrets)))
	}
	return warning(strings.Join(unset, ", "), "tools that need the secret: they report that they are not set up yet",
		"Write the values, which a deployment does not do: go tool mcpctl secrets push")
}

func concurrencyFinding(s Stack) Finding {
	switch {
	case s.ConcurrencyErr != nil:
		return skipped(s.ConcurrencyErr.Error())
	case s.Concurrency < lowConcurrency:
		return warning(fmt.Sprintf("%d at once, for all its stacks together", s.Concurrency),
			"all clients, when several call at once: 503", "Ask AWS for more: Service Quotas, Lambda, concurrent executions.")
	}
	return ok(fmt.Sprint(s.Concurrency))
}

func versionFinding(s Stack) Finding {
	if s.FunctionsErr != nil {
		return skipped(s.FunctionsErr.Error())
	}
	var differ []string
	compared := 0
	for _, f := range s.Functions {
		if f.Built == "" {
			continue
		}
		compared++
		if f.Built != f.SHA256 {
			differ = append(differ, f.ID)
		}
	}
	switch {
	case compared == 0:
		return skipped("it is unknown what this folder builds")
	case differ != nil:
		return warning("the deployed code differs for "+strings.Join(differ, ", "), "no client; but the code that you read may not be the code that runs", "npx cdk deploy")
	}
	return ok("")
}
