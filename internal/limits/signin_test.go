package limits_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/hosting/signincheck"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/limits"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/test/tokens"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

const resource = "https://mcp.example.com" + settings.SigninPath

// sender sends a request and returns the body of the response.
type sender func(method, path, token, body string) string

// peopleServer returns the server of a deployment with SIGNIN_LIMITS. It uses the table of
// the world.
func peopleServer(t *testing.T, w *world, issuer, limits string) sender {
	t.Helper()
	s, err := settings.Parse(map[string]string{
		"API_KEY": "none", "KEY_LIMITS": "true", "SIGNIN_ISSUER": "https://login.example.com", "SIGNIN_TOOLS": "everyone=*", "SIGNIN_LIMITS": limits,
	})
	if err != nil {
		t.Fatal(err)
	}
	env := s.MCPEnv(nil)
	env[settings.EnvSigninIssuer], env[settings.EnvSigninResource], env[settings.EnvLimitsTable] = issuer, resource, "limits" // as the stack does
	o := serve.FromEnv(func(name string) string { return env[name] })
	o.Log = slog.New(slog.NewJSONHandler(&w.log, nil))
	o.AWS = aws.Config{Region: "us-east-1", BaseEndpoint: &w.url, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}
	o.Authenticate = func(*http.Request) (apikey.Principal, error) { return apikey.Principal{KeyID: "ci"}, nil }
	if o.Signin != (signincheck.Options{Issuer: issuer, Resource: resource, Tools: "everyone=*", Limits: limits}) {
		t.Fatalf("sign-in options %+v", o.Signin)
	}
	h, err := serve.New(func(tools.Config) tool.Set { return tool.Set{Tools: []tool.Tool{echoTool()}} }, o)
	if err != nil {
		t.Fatal(err)
	}
	return func(method, path, token, body string) string {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		rpc.SetHeaders(r.Header, "Mcp-Protocol-Version", "2025-11-25", "Authorization", "Bearer "+token)
		response := httptest.NewRecorder()
		h.ServeHTTP(response, r)
		return response.Body.String()
	}
}

// TestSigninLimits: each person who signed in has the limits of SIGNIN_LIMITS, whatever
// token they use. Keys have their own limits.
func TestSigninLimits(t *testing.T) {
	w := newWorld(t)
	issuer, sign := tokens.Issuer(t)
	token := func(person string) string { return sign(tokens.Claims{"sub": person, "aud": resource}) }
	send := peopleServer(t, w, issuer, "9999/m 3/d")
	call := func(path, token string) string {
		return send("POST", path, token, rpc.Call("1", "echo", `{"text":"hi"}`))
	}
	for _, person := range []string{"ada", "grace"} {
		passed := 0
		for range 20 {
			body := call(settings.SigninPath, token(person))
			switch {
			case strings.Contains(body, `"isError":true`) && strings.Contains(body, "limit of 3 calls a day (UTC)"):
			case strings.Contains(body, `"text":"hi"`) || strings.Contains(body, `\"text\":\"hi\"`):
				passed++
			default:
				t.Fatalf("%s: %s", person, body)
			}
		}
		// On a machine under load, the table may take longer than a call waits for it.
		uncounted := strings.Count(w.log.String(), limits.Unavailable)
		if passed < 3 || passed > 3+uncounted {
			t.Errorf("%s: %d of 20 calls passed, %d of them uncounted, want 3 that count", person, passed, uncounted)
		}
		who := ""
		for range 20 { // the table may also be slow here
			if who = send("GET", settings.SigninPath+"/whoami", token(person), ""); !strings.Contains(who, `"usage":"unavailable"`) {
				break
			}
		}
		if !strings.Contains(who, `"day":{"limit":3,"used":3,"left":0,`) {
			t.Errorf("whoami of %s: %s", person, who)
		}
	}
	if who := send("GET", settings.SigninPath+"/whoami", "forged", ""); strings.Contains(who, "keyId") {
		t.Errorf("whoami with a forged token: %s", who)
	}
	if body := call(settings.MCPPath, ""); strings.Contains(body, "limit of") {
		t.Errorf("a key has the limits of people: %s", body)
	}
}

type word struct {
	Text string `json:"text" doc:"a text"`
}

func echoTool() tool.Tool {
	return tool.New(tool.Info{Name: "echo", Description: "Returns what it gets."}, func(_ context.Context, in word) (word, error) { return in, nil })
}
