package mcplambda_test

import (
	"context"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/signincheck"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/test/tokens"
)

// maxSigninCost is the maximum ratio between the durations of a warm call with a person's
// token and of a warm call with a key.
const maxSigninCost = 1.3

// TestSigninCost compares the fastest of many short rounds of both kinds of calls, which
// alternate: other programs on the machine slow down most rounds, but not all. It stops
// as soon as the fastest rounds are close enough.
func TestSigninCost(t *testing.T) {
	if os.Getenv("MEASURE") == "" {
		t.Skip("compares times; .ci/run sets MEASURE when nothing else runs")
	}
	keyed, signedIn := bothCalls(t)
	const atLeast, atMost, calls = 20, 1000, 40
	fastest := func(best time.Duration, call func()) time.Duration {
		begun := time.Now()
		for range calls {
			call()
		}
		return min(best, time.Since(begun))
	}
	byKey, byToken, ratio := time.Hour, time.Hour, 0.0
	for round := 1; round <= atMost && (round <= atLeast || ratio > maxSigninCost); round++ {
		byKey = fastest(byKey, keyed)
		byToken = fastest(byToken, signedIn)
		ratio = float64(byToken) / float64(byKey)
	}
	t.Logf("a call with a key %v, with a token %v: %.2f times", byKey/calls, byToken/calls, ratio)
	if ratio > maxSigninCost {
		t.Errorf("a call with a token costs %.2f calls with a key, want at most %.1f", ratio, maxSigninCost)
	}
}

// BenchmarkSignin measures both kinds of calls, from event to response.
func BenchmarkSignin(b *testing.B) {
	keyed, signedIn := bothCalls(b)
	for name, call := range map[string]func(){"key": keyed, "token": signedIn} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

// bothCalls returns a warm call of a tool behind the gateway with a key, which the
// authorizer has checked, and one with a token of an issuer that signs with RSA.
func bothCalls(t testing.TB) (keyed, signedIn func()) {
	t.Helper()
	const resource = "https://mcp.example.com" + settings.SigninPath
	issuer, sign := tokens.Issuer(t)
	people, err := signincheck.New(signincheck.Options{Issuer: issuer, Resource: resource, Tools: "everyone=*"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	handle := lambdahttp.Buffered(people.Handler(dialogueHandler(t, func(o *mcphttp.Options) {
		o.Paths = people.Paths(settings.MCPPath)
		o.Authenticate = people.Authenticate(keycheck.FromAuthorizer)
	})), nil)
	body, headers := rpc.ModernCall("1", "echo", `{"text":"hi"}`)
	event := func(path string) events.APIGatewayV2HTTPRequest {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		rpc.SetHeaders(r.Header, headers...)
		return toEvent(t, r)
	}
	call := func(event events.APIGatewayV2HTTPRequest) func() {
		return func() {
			if response, err := handle(context.Background(), lambdahttp.NewEvent(event)); err != nil || response.StatusCode != 200 || !strings.Contains(response.Body, "hi") {
				t.Fatalf("got %+v, %v", response, err)
			}
		}
	}
	byKey, byToken := event(settings.MCPPath), event(settings.SigninPath)
	byToken.Headers["authorization"] = "Bearer " + sign(tokens.Claims{"sub": "ada", "aud": resource})
	byToken.RequestContext.Authorizer = nil
	keyed, signedIn = call(byKey), call(byToken)
	keyed()
	signedIn() // reads the issuer's keys and checks the signature
	return keyed, signedIn
}
