package browsertest

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"serverless-mcp/internal/clients/page"
	"serverless-mcp/internal/test/poll"
)

var screenshots = flag.String("screenshots", "", "folder for screenshots of the page")

// missing skips a test whose requirement is missing, or fails it if BROWSER_TESTS=required.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("BROWSER_TESTS") == "required" {
		t.Fatalf("%s is missing, and BROWSER_TESTS=required", what)
	}
	t.Skipf("%s is missing: the page is not tested in a browser", what)
}

func chromium(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "Chromium")
	return ""
}

// browser is shared by all tests, because starting one takes some seconds of CPU time.
var browser struct {
	context.Context // nil until a test needs it
	close           func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	if browser.close != nil {
		browser.close()
	}
	os.Exit(code)
}

// browserContext returns the browser's context, and starts the browser for the first test.
func browserContext(t *testing.T) context.Context {
	t.Helper()
	path := chromium(t)
	if browser.Context != nil {
		return browser
	}
	profile, err := os.MkdirTemp("", "browsertest-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.UserDataDir(profile), chromedp.WSURLReadTimeout(poll.Timeout),
	)
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	browser.close = func() {
		cancel()
		stop()
		os.RemoveAll(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	browser.Context = ctx
	return browser
}

// A window is a browser window with the page, in its own profile.
type window struct {
	context.Context
	url string

	mu       sync.Mutex
	requests []string
	problems []string // errors on the console, and exceptions
}

// A step is an action in the window.
type step = chromedp.Action[chromedp.Void]

// open runs the steps, then opens the page.
func open(t *testing.T, steps ...step) *window {
	t.Helper()
	server := httptest.NewServer(page.New(page.Options{Name: "Weather & more", Entry: "weather", Signin: "/signin/mcp"}))
	t.Cleanup(server.Close)
	return visit(t, server.URL+"/", steps...)
}

// visit runs the steps, then opens a URL in a window.
func visit(t *testing.T, url string, steps ...step) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browserContext(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &window{Context: ctx, url: url}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	b.run(t, command(network.Enable, network.EnableParams{}), command(log.Enable, cdp.Empty{}), size(1100, 900))
	b.run(t, steps...)
	b.run(t, chromedp.Navigate(b.url))
	return b
}

// command is a command of the browser's protocol as a step.
func command[P, R any](c cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func size(width, height int64) step { return chromedp.EmulateViewport(width, height) }

func scheme(value string) step {
	return command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
	})
}

// note records the page's requests, console errors and exceptions.
func (b *window) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") {
			b.requests = append(b.requests, e.Request.URL)
		}
	case *runtime.EventConsoleAPICalled:
		b.problems = append(b.problems, "console: "+string(e.Type))
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.problems = append(b.problems, e.Entry.Text)
	}
}

func (b *window) run(t *testing.T, steps ...step) {
	t.Helper()
	if err := chromedp.Do(b, steps...); err != nil {
		t.Fatal(err)
	}
}

// eval returns the value of a JavaScript expression, and waits for promises.
func eval[T any](t *testing.T, b *window, expression string) T {
	t.Helper()
	value, err := chromedp.Run(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// check fails if the page requested anything but itself, or reported a problem.
func (b *window) check(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests) != 1 || b.requests[0] != b.url {
		t.Errorf("requests %q, want only the page's own", b.requests)
	}
	if len(b.problems) > 0 {
		t.Errorf("the browser reports %q", b.problems)
	}
}

// screenshot writes a screenshot into the folder of the flag -screenshots.
func (b *window) screenshot(t *testing.T, name string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	data, err := chromedp.Run(b, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}
