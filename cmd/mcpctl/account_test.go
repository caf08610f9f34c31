package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/tool"
)

// quick is mcpctl with a clock on which waiting takes no time.
func quick() {
	os.Exit(run(context.Background(), os.Args[1:], &cli.Env{
		Dir: ".", Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Clock: quickClock(),
	}))
}

// quickClock returns a clock on which waiting takes no time.
func quickClock() cli.Clock {
	var mu sync.Mutex
	var waited time.Duration
	return cli.Clock{
		NowFunc: func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(waited)
		},
		SleepFunc: func(ctx context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			waited += d
			return ctx.Err()
		},
	}
}

// account is an AWS account whose deployed stacks share their secrets and server.
type account struct {
	secrets *awsfake.SecretsManager
	faults  *faults
	resets  int
	mu      sync.Mutex
}

// startAccount [STACK[@REGION]...] starts an account in eu-central-1 and points
// the script's AWS clients to it. The command "fault" makes calls fail, see
// newFaults. Variables of the script configure the account: ENDPOINT replaces the
// endpoint in the outputs, SHAPES=container omits the gateway, DEFAULT_KEY is the
// value of the deployment key's secret, none or unreadable, and FINGERPRINT is the
// output ApiKeyFingerprint. KEY_LIMITS adds the output KeyLimitsTable, and KEY_FIELDS
// is the output KeyFields; "current" in it stands for the fields of this version.
//
// It adds the commands "stored FILE" (copy the registry to a file, without the record of
// its change; "stored FILE record" keeps that), "store FILE" (the reverse), "secret NAME
// FILE" (copy a file to another secret), "versions N" (write the registry N times),
// "foreign put|move|denied CALLER" (change the registry without mcpctl, see foreign) and
// "resets N" (fail unless the authorizer cache was flushed N times since the last
// "resets").
func startAccount(ts *testscript.TestScript, _ bool, stacks []string) {
	a := &account{faults: newFaults(ts)}
	o := awsfake.Options{Region: "eu-central-1", Fail: a.faults.fault}
	a.secrets = awsfake.NewSecretsManager(o)
	trail := awsfake.NewCloudTrail(o)
	issued := a.secrets.Create("IssuedKeys", "")
	outputs := map[string]string{
		"McpEndpoint": cmp.Or(ts.Getenv("ENDPOINT"), serve(ts, a.server(ts))+"/mcp"), "ApiId": "api1", "IssuedKeysSecretArn": issued,
	}
	if ts.Getenv("KEY_LIMITS") != "" {
		outputs["KeyLimitsTable"] = "limits"
	}
	if fields := ts.Getenv("KEY_FIELDS"); fields != "" {
		outputs["KeyFields"] = strings.ReplaceAll(fields, "current", strings.Join(apikey.Fields(), ","))
	}
	if ts.Getenv("SHAPES") == "container" {
		delete(outputs, "ApiId")
	}
	if value := ts.Getenv("DEFAULT_KEY"); value != "none" {
		outputs["ApiKeyFingerprint"] = cmp.Or(ts.Getenv("FINGERPRINT"), "generated")
		outputs["ApiKeySecretArn"] = a.secrets.Create("DefaultKey", cmp.Or(value, "generated-0123456789abcdefghijklmnopqrstuvwxyzABCD"))
		if value == "unreadable" {
			a.secrets.Delete("DefaultKey")
		}
	}
	var all []awsfake.Stack
	for _, s := range stacks {
		name, region, _ := strings.Cut(s, "@")
		all = append(all, awsfake.Stack{Name: name, Region: region, Outputs: outputs})
	}
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": serve(ts, trail.Recording(a.secrets)),
		"AWS_ENDPOINT_URL_CLOUDTRAIL":      serve(ts, trail),
		"AWS_ENDPOINT_URL_STS":             serve(ts, awsfake.NewSTS(awsfake.Options{})),
		"AWS_ENDPOINT_URL_CLOUDFORMATION":  serve(ts, awsfake.NewCloudFormation(o, all...)),
		"AWS_ENDPOINT_URL_APIGATEWAYV2":    serve(ts, awsfake.NewAPIGateway(o, awsfake.HTTPAPI{ID: "api1", Reset: a.reset})),
		"AWS_REGION":                       "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "b",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": ts.MkAbs("aws-config"), "AWS_SHARED_CREDENTIALS_FILE": ts.MkAbs("aws-credentials"),
		"LONG_NOTE": strings.Repeat("x", 750), "REGISTRY": issued,
	} {
		ts.Setenv(name, value)
	}
	ts.SetCmd("stored", func(ts *testscript.TestScript, _ bool, args []string) {
		value := a.secrets.Value("IssuedKeys")
		if d, err := apikey.ParseDocument([]byte(value)); err == nil && len(args) == 1 {
			text, err := d.WithoutChange().Marshal()
			ts.Check(err)
			value = string(text)
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(value+"\n"), 0o600))
	})
	ts.SetCmd("store", func(ts *testscript.TestScript, _ bool, args []string) {
		a.secrets.Create("IssuedKeys", strings.TrimSpace(ts.ReadFile(args[0])))
	})
	ts.SetCmd("secret", func(ts *testscript.TestScript, _ bool, args []string) {
		a.secrets.Create(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
	})
	ts.SetCmd("versions", a.versions)
	ts.SetCmd("foreign", foreign)
	ts.SetCmd("resets", a.wantResets)
}

// serve serves until the script ends.
func serve(ts *testscript.TestScript, h http.Handler) (url string) {
	s := httptest.NewServer(h)
	ts.Defer(s.Close)
	return s.URL
}

func (a *account) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.resets++
}

func (a *account) wantResets(ts *testscript.TestScript, _ bool, args []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if got := strconv.Itoa(a.resets); got != args[0] {
		ts.Fatalf("the authorizer cache was flushed %s times, want %s", got, args[0])
	}
	a.resets = 0
}

// versions N writes the registry N times, unchanged.
func (a *account) versions(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	value := a.secrets.Value("IssuedKeys")
	for range n {
		a.secrets.Create("IssuedKeys", value)
	}
}

// recordedVersion matches the version in a record.
var recordedVersion = regexp.MustCompile(`"x-change":\{"version":"([^"]+)","previous":"([^"]*)"`)

// foreign KIND CALLER changes the registry without mcpctl, as the IAM user CALLER. "put"
// writes the current document again, with its record, which names another author.
// "move" makes the version before the current one current. "denied" tries that without the
// permission.
func foreign(ts *testscript.TestScript, _ bool, args []string) {
	url := ts.Getenv("AWS_ENDPOINT_URL_SECRETS_MANAGER")
	client := secretsmanager.New(secretsmanager.Options{
		Region: "eu-central-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider(args[1], "b", ""), Retryer: aws.NopRetryer{},
	})
	ctx, id := context.Background(), aws.String(ts.Getenv("REGISTRY"))
	out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: id})
	ts.Check(err)
	record := recordedVersion.FindStringSubmatch(*out.SecretString)
	switch args[0] {
	case "put":
		version := uuid.NewString()
		_, err = client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: id, ClientRequestToken: &version, SecretString: aws.String(strings.Replace(*out.SecretString, record[1], version, 1)),
		})
	default:
		in := &secretsmanager.UpdateSecretVersionStageInput{
			SecretId: id, VersionStage: aws.String("AWSCURRENT"), MoveToVersionId: &record[2], RemoveFromVersionId: out.VersionId,
		}
		if args[0] == "denied" {
			in.RemoveFromVersionId = &record[2] // Secrets Manager refuses a version that is not current
		}
		_, err = client.UpdateSecretVersionStage(ctx, in)
	}
	if (err != nil) != (args[0] == "denied") {
		ts.Fatalf("%s: %v", args[0], err)
	}
}

// server returns the real MCP handler, which looks keys up in the fake secrets
// without a cache.
func (a *account) server(ts *testscript.TestScript) http.Handler {
	type number struct {
		N int `json:"n" doc:"a number"`
	}
	same := tool.New(tool.Info{Name: "same", Description: "Returns its argument."}, func(_ context.Context, in number) (number, error) { return in, nil })
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture"}, tool.Set{Tools: []tool.Tool{same}})
	ts.Check(err)
	return mcphttp.New(s, mcphttp.Options{Authenticate: func(r *http.Request) (apikey.Principal, error) {
		ring, err := apikey.NewKeyring(a.secrets.Value("DefaultKey"), a.secrets.Value("IssuedKeys"))
		if err != nil {
			return apikey.Principal{}, fmt.Errorf("read the keys: %w", err)
		}
		p, found := ring.Lookup(r.Header.Get("x-api-key"))
		if (!found || p.Expired(time.Now())) && a.faults.get("STUBBORN") == "" {
			return apikey.Principal{}, mcphttp.ErrForbidden
		}
		return p, nil
	}})
}
