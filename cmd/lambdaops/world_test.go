package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"serverless-mcp/internal/emulator/awsfake"
)

// beTheProgram makes this test binary run as the program, so that tests can start it as
// a process without building it.
const beTheProgram = "LAMBDAOPS_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(beTheProgram) != "" {
		http.DefaultTransport = chatty{http.DefaultTransport}
		main()
		return
	}
	os.Exit(m.Run())
}

// chatty imitates a library that prints to standard output.
type chatty struct{ http.RoundTripper }

func (c chatty) RoundTrip(r *http.Request) (*http.Response, error) {
	fmt.Println("stray: fetching", r.URL)
	return c.RoundTripper.RoundTrip(r)
}

// world is a fake account and a home directory for the program.
type world struct {
	aws  *awsfake.Lambda
	url  string
	home string
}

// atOnce completes every change at the first read, so that no test waits.
func atOnce(awsfake.LambdaConfig, int) (string, string) { return "Successful", "" }

func newWorld(t *testing.T, o awsfake.LambdaOptions, functions ...awsfake.LambdaFunction) *world {
	t.Helper()
	o.Region = "eu-central-1"
	if o.Settle == nil {
		o.Settle = atOnce
	}
	w := &world{aws: awsfake.NewLambda(o, functions...), home: t.TempDir()}
	srv := httptest.NewServer(w.aws)
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

// env returns the program's environment.
func (w *world) env() []string {
	env := []string{
		beTheProgram + "=1",
		"HOME=" + w.home, "USERPROFILE=" + w.home, "LocalAppData=" + w.home, "XDG_STATE_HOME=" + filepath.Join(w.home, "state"),
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_ENDPOINT_URL_LAMBDA=" + w.url, "AWS_EC2_METADATA_DISABLED=true",
	}
	if root := os.Getenv("SYSTEMROOT"); root != "" { // Windows starts nothing without it
		env = append(env, "SYSTEMROOT="+root)
	}
	return env
}

func (w *world) command(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, program, append([]string{"--runtimes-page", "none"}, args...)...)
	cmd.Env = w.env()
	return cmd
}

// log is a process's standard error, which tests read while it is written.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// client is a client of the program with the notifications that it received.
type client struct {
	*mcp.ClientSession
	process *exec.Cmd
	stderr  *log

	mu       sync.Mutex
	progress []*mcp.ProgressNotificationParams
	asked    []string
}

// clientOptions configures a client.
type clientOptions struct {
	protocol string                                    // empty means the newest
	answer   func(*mcp.ElicitParams) *mcp.ElicitResult // nil means that the client cannot ask its user
	args     []string
}

func (w *world) connect(t *testing.T, o clientOptions) *client {
	t.Helper()
	c := &client{process: w.command(t.Context(), t, o.args...), stderr: &log{}}
	c.process.Stderr = c.stderr
	options := &mcp.ClientOptions{
		Capabilities: &mcp.ClientCapabilities{},
		ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.progress = append(c.progress, r.Params)
		},
	}
	if o.answer != nil {
		options.ElicitationHandler = func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.asked = append(c.asked, r.Params.Message)
			return o.answer(r.Params), nil
		}
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, options).Connect(t.Context(),
		&mcp.CommandTransport{Command: c.process}, &mcp.ClientSessionOptions{ProtocolVersion: o.protocol})
	if err != nil {
		t.Fatalf("connect: %v\n%s", err, c.stderr)
	}
	c.ClientSession = session
	t.Cleanup(func() { _ = session.Close() })
	return c
}

// call calls a tool with a progress token, and returns the text and whether it is an
// error.
func (c *client) call(t *testing.T, name string, arguments map[string]any) (text string, isError bool) {
	t.Helper()
	p := &mcp.CallToolParams{Name: name, Arguments: arguments}
	p.SetProgressToken("token-" + name)
	res, err := c.CallTool(t.Context(), p)
	if err != nil {
		t.Fatalf("call %s: %v", name, err)
	}
	if len(res.Content) > 0 {
		if content, ok := res.Content[0].(*mcp.TextContent); ok {
			text = content.Text
		}
	}
	return text, res.IsError
}

func (c *client) received() []*mcp.ProgressNotificationParams {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*mcp.ProgressNotificationParams{}, c.progress...)
}

func (c *client) questions() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.asked...)
}

func agree(*mcp.ElicitParams) *mcp.ElicitResult {
	return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"confirm": true}}
}

func orders() awsfake.LambdaFunction {
	return awsfake.LambdaFunction{
		Config: awsfake.LambdaConfig{
			FunctionName: "orders", Runtime: "nodejs18.x", Handler: "index.handler",
			Environment: &awsfake.LambdaEnvironment{Variables: map[string]string{"DB_PASSWORD": "hunter2-value"}},
		},
		Versions: 1, Aliases: map[string]string{"live": "1"},
	}
}
