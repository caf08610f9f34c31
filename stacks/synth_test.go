package stacks

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"iter"
	"log"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
)

// Secrets that must not be in any file that leaves this machine.
const (
	plainKey   = "Zt5nVwQ8rY2kLx0PbHc7JdSf4GmEaU9oTi3W"
	toolSecret = "the-secret-of-the-upstream-token"
)

// variants are the settings under test, by name. Each costs a synthesis, some tenths
// of a second.
func variants() map[string]map[string]string {
	return map[string]map[string]string{
		"chosen":    {"API_KEY": plainKey},
		"again":     {"API_KEY": plainKey}, // the same again
		"hash":      {"API_KEY_SHA256": apikey.Hash(plainKey)},
		"generated": {},
		"none":      {"API_KEY": "none"},
		"full": { // settings that differ from their defaults, without a domain
			"API_KEY": plainKey, "STAGE": "dev", "SERVER_NAME": "weather", "STACK_NAME": "Weather",
			"MEMORY_MB": "1024", "ARCHITECTURE": "x86_64", "AUTHORIZER_CACHE_SECONDS": "0",
			"THROTTLE_RATE": "5", "THROTTLE_BURST": "7", "ALLOWED_ORIGINS": "https://app.example.com,http://localhost:6274", "LOG_LEVEL": "debug",
			"LOG_RETENTION_DAYS": "7", "RESERVED_CONCURRENCY": "3", "TOOL_GREETING": "hello",
			"BEARER_ROUTE": "true", "PROTECT": "true", "PUBLIC_PAGE": "true",
			"TOOL_SECRET_UPSTREAM_TOKEN": toolSecret, "TOOL_SECRET_B": "",
		},
		"stream": {"API_KEY": plainKey, "SHAPES": "stream", "STREAM_TIMEOUT_SECONDS": "300"},
		"both": {
			"API_KEY": plainKey, "SHAPES": "http-api,stream", "ALLOWED_ORIGINS": "https://app.example.com",
			"RESERVED_CONCURRENCY": "3", "TOOL_GREETING": "hello", "TOOL_SECRET_UPSTREAM_TOKEN": toolSecret,
		},
		"sign-in": {
			"API_KEY": plainKey, "SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage, "PUBLIC_PAGE": "true",
			"SIGNIN_ISSUER": "https://login.example.com", "SIGNIN_SCOPES": "tools", "SIGNIN_TOOLS": "admins=*", "ALLOWED_ORIGINS": "https://app.example.com",
		},
		"jobs": {
			"API_KEY": plainKey, "SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage, "JOBS": "true",
			"RESERVED_CONCURRENCY": "3", "TOOL_GREETING": "hello", "TOOL_SECRET_UPSTREAM_TOKEN": toolSecret,
		},
		"limits": {
			"API_KEY": plainKey, "SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage, "KEY_LIMITS": "true",
		},
		"cognito": {
			"API_KEY": plainKey, "SHAPES": "http-api,stream",
			"SIGNIN_ISSUER": "cognito", "SIGNIN_TOOLS": "analysts=calculate lookup_user; admins=*; everyone=calculate",
		},
		"three": {"API_KEY": plainKey, "SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage},
		"alarms": {
			"API_KEY": plainKey, "SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage,
			"ALARMS": "true", "ALARM_EMAIL": "ops@example.com", "BUDGET_USD": "50",
		},
		"features": { // all features that are off by default
			"API_KEY": plainKey, "SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage,
			"KEY_LIMITS": "true", "JOBS": "true", "ALARMS": "true", "ALARM_EMAIL": "ops@example.com", "BUDGET_USD": "50",
			"METRICS_BY_KEY": "true", "TRACING": "true", "PUBLIC_PAGE": "true", "ALLOWED_ORIGINS": "https://app.example.com",
			"SIGNIN_ISSUER": "https://login.example.com", "SIGNIN_SCOPES": "tools", "SIGNIN_TOOLS": "admins=*", "SIGNIN_LIMITS": "60/m 5000/d",
			"RESERVED_CONCURRENCY": "3", "TOOL_GREETING": "hello", "TOOL_SECRET_UPSTREAM_TOKEN": toolSecret,
		},
		"metrics": {"API_KEY": plainKey, "METRICS": "true", "METRICS_BY_KEY": "true", "TRACING": "true"},
		"sign-in, domains": {
			"API_KEY": plainKey, "SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage,
			"SIGNIN_ISSUER": "https://login.example.com", "SIGNIN_SCOPES": "tools", "SIGNIN_TOOLS": "admins=*",
			"DOMAIN_NAME": "mcp.example.com", "CERTIFICATE_ARN": certificateUS,
		},
		"container":           {"API_KEY": plainKey, "SHAPES": "container", "CONTAINER_IMAGE": containerImage},
		"http-api, container": {"API_KEY": plainKey, "SHAPES": "http-api,container", "CONTAINER_IMAGE": containerImage},
		"http-api, stream":    {"API_KEY": plainKey, "SHAPES": "http-api,stream", "STREAM_TIMEOUT_SECONDS": "300"},
		"stream, container":   {"API_KEY": plainKey, "SHAPES": "stream,container", "CONTAINER_IMAGE": containerImage, "STREAM_TIMEOUT_SECONDS": "300"},
		"domain": { // with a certificate that the stack creates
			"API_KEY": plainKey, "DOMAIN_NAME": "mcp.example.com", "HOSTED_ZONE_ID": "Z012", "DISABLE_DEFAULT_ENDPOINT": "true",
			"PUBLIC_PAGE": "true", "BEARER_ROUTE": "true",
		},
		"domains": {
			"API_KEY": plainKey, "SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage,
			"DOMAIN_NAME": "mcp.example.com", "HOSTED_ZONE_ID": "Z012",
		},
		"stream domain": { // with records that the user creates
			"API_KEY": plainKey, "SHAPES": "stream", "DOMAIN_NAME": "mcp.example.com", "CERTIFICATE_ARN": certificateUS,
		},
		"everything": { // all shapes; most settings of the container and the domain differ from their defaults
			"API_KEY": plainKey, "SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage, "ARCHITECTURE": "x86_64",
			"CONTAINER_CPU": "1024", "CONTAINER_MIN_TASKS": "2", "CONTAINER_MAX_TASKS": "9", "CONTAINER_SESSIONS": "stateful",
			"NETWORK": "public", "CONTAINER_ZONES": "us-east-1b,us-east-1c", "CLOUDFRONT_PREFIX_LIST": "pl-0a1b",
			"CONTAINER_DRAIN_SECONDS": "3600", "PROTECT": "true",
			"DOMAIN_NAME": "mcp.example.com", "CERTIFICATE_ARN": certificateUS + "," + certificateEU, "HOSTED_ZONE_ID": "Z012",
			"DISABLE_DEFAULT_ENDPOINT": "true",
			"TOOL_GREETING":            "hello", "TOOL_SECRET_UPSTREAM_TOKEN": toolSecret,
		},
	}
}

// synthesized is the result of a synthesis.
type synthesized struct {
	dir      string            // everything that was written
	settings settings.Settings // what it was made from
	findings []string          // errors with which the CLI does not deploy, and cdk-nag's, as "severity: construct: text"
	template
}

// The results of the syntheses, by name: all has the variants, rows the rows of matrix,
// and compared the settings in differences and widest. TestMain synthesizes them once, all
// and rows with cdk-nag's rules: the CDK uses a single Node process, which does not accept
// concurrent calls.
var (
	all      = map[string]synthesized{}
	rows     = map[string]synthesized{}
	compared = map[string]synthesized{}
)

// everySynthesis returns the results of all syntheses, by name.
func everySynthesis() iter.Seq2[string, synthesized] {
	return func(yield func(string, synthesized) bool) {
		for _, results := range []map[string]synthesized{all, rows, compared} {
			for name, result := range results {
				if !yield(name, result) {
					return
				}
			}
		}
	}
}

func TestMain(m *testing.M) {
	flag.Parse()
	// In case a call to Node never returns: the timeout of "go test" does not start
	// before the first test.
	time.AfterFunc(10*time.Minute, func() {
		debug.SetTraceback("all")
		panic("synthesis did not finish in ten minutes")
	})
	work, err := os.MkdirTemp("", "stacks")
	if err != nil {
		log.Fatal(err)
	}
	code := 1
	if err := synthesizeAll(work); err != nil {
		log.Print(err)
	} else {
		code = m.Run()
	}
	jsii.Close()
	os.RemoveAll(work)
	os.Exit(code)
}

// widest has every type of resource except the types that only exampleCustom adds. It is
// synthesized before all other settings without that example: the CDK takes some tenths of
// a second to load the rules of its offline validation for a template's types, and keeps
// them until a template has another type.
func widest() map[string]string {
	values := maps.Clone(variants()["features"])
	for _, name := range []string{"SIGNIN_SCOPES", "SIGNIN_LIMITS"} {
		delete(values, name)
	}
	maps.Copy(values, map[string]string{
		"SIGNIN_ISSUER": "cognito", "BEARER_ROUTE": "true", "DOMAIN_NAME": "mcp.example.com", "HOSTED_ZONE_ID": "Z012",
	})
	return values
}

// TestWidest: if widest lacked a type of resource, the rules would be loaded repeatedly.
func TestWidest(t *testing.T) {
	types := func(result synthesized) map[string]bool {
		found := map[string]bool{}
		for _, r := range result.Resources {
			found[r.Type] = true
		}
		return found
	}
	known := types(compared[widestName])
	for name, result := range everySynthesis() {
		for kind := range types(result) {
			if !known[kind] && name != customized {
				t.Errorf("%s has a %s, which widest lacks: add its setting", name, kind)
			}
		}
	}
}

const (
	customized = "everything" // the variant with exampleCustom
	widestName = "widest"
)

// input is what a synthesis is made from.
type input struct {
	name    string
	values  map[string]string
	extra   func(awscdk.Stack)
	results map[string]synthesized
}

// inputs returns the inputs of all syntheses, in their order.
func inputs() []input {
	list := []input{{widestName, widest(), nil, compared}}
	for name, values := range variants() {
		list = append(list, input{name, values, nag, all})
	}
	for name, values := range matrix() {
		list = append(list, input{name, values, nag, rows})
	}
	for name, d := range differences() {
		if base := baseName(d.base); variants()[base] == nil && !slices.ContainsFunc(list, func(i input) bool { return i.name == base }) {
			list = append(list, input{base, d.base, nil, compared})
		}
		list = append(list, input{name, d.whole(), nil, compared})
	}
	slices.SortFunc(list, func(a, b input) int { return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.name, b.name)) })
	return list
}

func (i input) rank() int {
	switch i.name {
	case customized:
		return 0
	case widestName:
		return 1
	}
	return 2
}

func synthesizeAll(work string) error {
	for n, i := range inputs() {
		s, err := settings.Parse(i.values)
		if err != nil {
			return fmt.Errorf("%s: %w", i.name, err)
		}
		p := Props{Settings: s}
		if i.name == customized {
			p.Custom = exampleCustom
		}
		result, err := synthesize(filepath.Join(work, strconv.Itoa(n)), p, i.extra)
		if err != nil {
			return fmt.Errorf("%s: %w", i.name, err)
		}
		i.results[i.name] = result
	}
	return nil
}

// synthesize writes the stack, to which extra may add, into dir. The CDK reports
// errors by panics.
func synthesize(dir string, p Props, extra func(awscdk.Stack)) (result synthesized, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("synthesize: %v", r)
		}
	}()
	context, err := cdkContext()
	if err != nil {
		return synthesized{}, err
	}
	// As the CLI does, which checks the findings itself.
	context["@aws-cdk/core:failSynthOnValidationErrors"] = false
	if p.Dist, err = stubs(filepath.Dir(dir)); err != nil {
		return synthesized{}, err
	}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(dir), Context: &context})
	stack := New(app, p)
	if extra != nil {
		extra(stack)
	}
	app.Synth(nil)

	result, err = load(dir, p.Settings.FullStackName())
	result.settings = p.Settings
	return result, err
}

// load reads the files of a synthesis.
func load(dir, stack string) (result synthesized, err error) {
	result.dir = dir
	if result.raw, err = os.ReadFile(filepath.Join(dir, stack+".template.json")); err != nil {
		return synthesized{}, err
	}
	if err := json.Unmarshal(result.raw, &result.template); err != nil {
		return synthesized{}, fmt.Errorf("read the template: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "validation-report.json"))
	if err != nil {
		return synthesized{}, err
	}
	if result.findings, err = findings(data); err != nil {
		return synthesized{}, fmt.Errorf("read the validation report: %w", err)
	}
	return result, nil
}

// findings returns the violations of a validation report: those of the template's
// offline validation, and the annotations, which include cdk-nag's.
func findings(report []byte) ([]string, error) {
	var parsed struct {
		PluginReports []struct {
			Violations []struct {
				Description, Severity string
				ViolatingConstructs   []struct{ ConstructPath string }
			}
		}
	}
	if err := json.Unmarshal(report, &parsed); err != nil {
		return nil, err
	}
	var found []string
	for _, plugin := range parsed.PluginReports {
		for _, v := range plugin.Violations {
			for _, c := range v.ViolatingConstructs {
				text, _, _ := strings.Cut(v.Description, "\n")
				found = append(found, v.Severity+": "+c.ConstructPath+": "+text)
			}
		}
	}
	return found, nil
}

// cdkContext returns the context of cdk.json, as the CLI would pass it: other
// feature flags would give another template.
func cdkContext() (map[string]any, error) {
	data, err := os.ReadFile("../cdk.json")
	if err != nil {
		return nil, err
	}
	var file struct{ Context map[string]any }
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("read cdk.json: %w", err)
	}
	if len(file.Context) == 0 {
		return nil, errors.New("read cdk.json: no context")
	}
	return file.Context, nil
}

// stubs writes files in place of the functions' zips. The template has only their hashes.
func stubs(work string) (dist string, err error) {
	dist = filepath.Join(work, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return "", err
	}
	for _, name := range []string{"authorizer.zip", "mcp.zip", "mcpstream.zip", "page.zip", "job.zip"} {
		if err := os.WriteFile(filepath.Join(dist, name), []byte("stub of "+name), 0o644); err != nil {
			return "", err
		}
	}
	return dist, nil
}

// nag adds cdk-nag's AwsSolutions rules. Their findings become errors in the stack's
// metadata.
func nag(stack awscdk.Stack) {
	awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(false)}), nil)
}
