package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// Stack is what AWS says about a deployed stack of this project. Each part may
// lack, with the reason: whoever calls may not be allowed to ask.
type Stack struct {
	Functions    []Function
	FunctionsErr error
	PatienceErr  error // why the functions' Patience is not known
	ErrorsErr    error // why their Errors are not known

	Keys    []apikey.Key // the issued ones
	KeysErr error

	Concurrency    int // functions that the account runs at once, at most
	ConcurrencyErr error
}

// A Function is a deployed function.
type Function struct {
	ID       string // logical, such as Mcp
	LogGroup string
	Timeout  time.Duration
	Patience time.Duration // how long the HTTP API waits for it; zero means that it does not call it
	Errors   int           // calls of the last hour that failed
	SHA256   string        // of its code, in base64, as Lambda gives it
	// Built is the same of what this folder's source builds; empty if that is
	// not known.
	Built string
}

// authorizerLimit is how long an HTTP API waits for an authorizer; no setting
// changes it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const authorizerLimit = 10 * time.Second

// concurrencyOfNewAccounts is what AWS gives accounts before they ask for more:
// often 10, sometimes 50, where 1000 is the rule.
const concurrencyOfNewAccounts = 100

// keysSoon is how long before its end a key is told.
const keysSoon = 14 * 24 * time.Hour

// RunStack looks at a stack. each is as in [Options].
func RunStack(s Stack, now time.Time, each func(Finding)) []Finding {
	all := []Finding{
		titled("stack-timeouts", "time-outs are in order", timeoutsFinding(s)),
		titled("stack-errors", "no function failed in the last hour", errorsFinding(s)),
		titled("stack-keys", "no key ends soon", keysFinding(s, now)),
		titled("stack-concurrency", "the account has room for calls", concurrencyFinding(s)),
		titled("stack-version", "what is deployed is what this folder builds", versionFinding(s)),
	}
	if each != nil {
		for _, f := range all {
			each(f)
		}
	}
	return all
}

func titled(id, title string, f Finding) Finding {
	f.ID, f.Title = id, title
	return f
}

func skipped(err error) Finding { return Finding{Status: Skipped, Detail: err.Error()} }

func timeoutsFinding(s Stack) Finding {
	if err := cmp.Or(s.FunctionsErr, s.PatienceErr); err != nil {
		return skipped(err)
	}
	for _, f := range s.Functions {
		switch {
		case f.Patience > 0 && f.Timeout >= f.Patience:
			return failure(fmt.Sprintf("function %s may take %v, and the gateway waits %v", f.ID, f.Timeout, f.Patience),
				"every client whose call takes long: it is told 503 and nothing of why", "Deploy again; somebody has changed it by hand.")
		case f.ID == "Authorizer" && f.Timeout >= authorizerLimit:
			return failure(fmt.Sprintf("the authorizer may take %v, and the gateway waits %v", f.Timeout, authorizerLimit),
				"every client, when Secrets Manager is slow", "Deploy again; somebody has changed it by hand.")
		}
	}
	return ok("")
}

func errorsFinding(s Stack) Finding {
	if err := cmp.Or(s.FunctionsErr, s.ErrorsErr); err != nil {
		return skipped(err)
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
	return warning("errors: "+strings.Join(failed, ", "), "whoever made these calls: they were told 500 or 503",
		"The log says why: aws logs tail "+strings.Join(logs, " or ")+" --since 1h")
}

func keysFinding(s Stack, now time.Time) Finding {
	if s.KeysErr != nil {
		return skipped(s.KeysErr)
	}
	var ending, ended []string
	for _, k := range s.Keys {
		switch left := k.Expires.Sub(now); {
		case k.Expires.IsZero() || left > keysSoon || isReplaced(k, s.Keys):
		case left <= 0:
			ended = append(ended, k.ID)
		default:
			ending = append(ending, fmt.Sprintf("%s on %s", k.ID, k.Expires.UTC().Format(time.DateOnly)))
		}
	}
	detail := strings.Join(ending, ", ")
	if ended != nil {
		detail = strings.Trim(detail+"; over already: "+strings.Join(ended, ", "), "; ")
	}
	if detail == "" {
		return ok(fmt.Sprintf("%d issued", len(s.Keys)))
	}
	return warning(detail, "whoever has one of these keys: refused from then on", "mcpctl keys rotate, or revoke those that nobody uses.")
}

// isReplaced reports whether a key that ends has a younger one of the same name.
func isReplaced(k apikey.Key, all []apikey.Key) bool {
	return slices.ContainsFunc(all, func(other apikey.Key) bool {
		return other.ID == k.ID && other.SHA256 != k.SHA256 && (other.Expires.IsZero() || other.Expires.After(k.Expires))
	})
}

func concurrencyFinding(s Stack) Finding {
	switch {
	case s.ConcurrencyErr != nil:
		return skipped(s.ConcurrencyErr)
	case s.Concurrency < concurrencyOfNewAccounts:
		return warning(fmt.Sprintf("the account runs at most %d functions at once, of all its stacks", s.Concurrency),
			"all clients, when several call at once: 503", "Ask AWS for more: Service Quotas, Lambda, concurrent executions.")
	}
	return ok(fmt.Sprint(s.Concurrency))
}

func versionFinding(s Stack) Finding {
	if s.FunctionsErr != nil {
		return skipped(s.FunctionsErr)
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
		return Finding{Status: Skipped, Detail: "it is not known what this folder builds"}
	case differ != nil:
		return warning("another build is deployed of "+strings.Join(differ, ", "), "nothing; but you may be looking at other code than that which answers", "npx cdk deploy")
	}
	return ok("")
}
