package browsertest

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/clientconfig"
)

func TestLinks(t *testing.T) {
	b := open(t)
	got := eval[[]string](t, b, `Array.from(document.querySelectorAll("#panel-way-key .buttons a"), (a) => a.getAttribute("href"))`)
	s := clientconfig.Server{Name: "weather-local", URL: b.url + "mcp"}
	var want []string
	for _, c := range clientconfig.All() {
		if link := c.Link(s); link != "" {
			want = append(want, link)
		}
	}
	if d := cmp.Diff(want, got); d != "" || len(want) < 3 {
		t.Errorf("links (-want +got):\n%s", d)
	}
	if title := eval[string](t, b, `document.title`); title != "Connect to Weather & more" {
		t.Errorf("title %q", title)
	}
	b.check(t)
}

// state evaluates to which of the clients' tabs are selected, focused and visible.
const state = `(() => {
	const tabs = Array.from(document.querySelectorAll("[data-tabs=client] > [role=tablist] > [role=tab]"));
	const panels = Array.from(document.querySelectorAll("[data-tabs=client] > [role=tabpanel]"));
	return [
		tabs.filter((t) => t.getAttribute("aria-selected") === "true").map((t) => t.id).join(),
		tabs.filter((t) => t.tabIndex === 0).map((t) => t.id).join(),
		panels.filter((p) => p.checkVisibility()).map((p) => p.id).join(),
		document.activeElement.id,
	].join(" ");
})()`

func TestTabsByKeyboard(t *testing.T) {
	b := open(t)
	first, second, last := clientconfig.All()[0].ID, clientconfig.All()[1].ID, clientconfig.All()[len(clientconfig.All())-1].ID
	b.run(t, chromedp.Focus(chromedp.CSS("#tab-"+first)))
	for _, step := range []struct{ key, client string }{
		{"", first}, {kb.ArrowRight, second}, {kb.ArrowLeft, first}, {kb.ArrowLeft, last}, {kb.ArrowRight, first},
		{kb.End, last}, {kb.Home, first}, {kb.ArrowDown, second}, {kb.ArrowUp, first},
	} {
		if step.key != "" {
			b.run(t, chromedp.KeyEvent(step.key))
		}
		tab := "tab-" + step.client
		want := strings.Join([]string{tab, tab, "panel-" + step.client, tab}, " ")
		if got := eval[string](t, b, state); got != want {
			t.Errorf("after %q: selected, in the tab order, visible, focused: %q, want %q", step.key, got, want)
		}
	}
	// The next stop is the panel, not the next tab.
	b.run(t, chromedp.KeyEvent(kb.Tab))
	if got := eval[string](t, b, `document.activeElement.id`); got != "panel-"+first {
		t.Errorf("Tab leads to %q, want the panel", got)
	}
	b.check(t)
}

// Choosing a system applies to all clients, and to the check.
func TestSystemsTogether(t *testing.T) {
	b := open(t)
	b.run(t, chromedp.Click(chromedp.CSS("#tab-check-windows")))
	visible := eval[[]string](t, b, `Array.from(document.querySelectorAll("[data-tabs=os] > [role=tabpanel]:not([hidden])"), (p) => p.id)`)
	if want := len(clientconfig.All()) + len(signers()) + 1; len(visible) != want {
		t.Errorf("%d panels, want %d: one for each client and way, and the check's", len(visible), want)
	}
	for _, id := range visible {
		if !strings.HasSuffix(id, "-windows") {
			t.Errorf("panel %s is shown", id)
		}
	}
	b.check(t)
}

func TestCopy(t *testing.T) {
	b := open(t, command(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}))
	grant := cdp.Command[map[string]any, cdp.Empty]{Method: "Browser.grantPermissions"}
	if _, err := chromedp.CallBrowser(b, grant, map[string]any{
		"permissions": []string{"clipboardReadWrite", "clipboardSanitizedWrite"}, "browserContextId": chromedp.FromContext(b).BrowserContextID,
	}); err != nil {
		t.Fatal(err)
	}
	ids := eval[[]string](t, b, `Array.from(document.querySelectorAll(".copy"), (x) => x.dataset.copy)`)
	if len(ids) < len(clientconfig.All())+len(signers()) {
		t.Errorf("%d buttons to copy", len(ids))
	}
	for _, id := range ids {
		// Also in tabs that are not shown, which a script can click.
		got := eval[string](t, b, fmt.Sprintf(`(async () => {
			document.querySelector('[data-copy=%q]').click();
			await new Promise((done) => new MutationObserver(done).observe(document.getElementById("said"), {childList: true}));
			return await navigator.clipboard.readText();
		})()`, id))
		if want := eval[string](t, b, fmt.Sprintf(`document.getElementById(%q).textContent`, id)); got != want || want == "" {
			t.Errorf("%s: copied %q, want %q", id, got, want)
		}
	}
	if said := eval[string](t, b, `document.getElementById("said").textContent`); said != "Copied" {
		t.Errorf("the status region has %q", said)
	}
	b.check(t)
}

// Without its script the page shows everything, one after the other.
func TestWithoutScript(t *testing.T) {
	b := open(t, command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	hidden := eval[[]string](t, b, `Array.from(document.querySelectorAll("[role=tabpanel]"), (p) => p).filter((p) => !p.checkVisibility()).map((p) => p.id)`)
	shown := eval[int](t, b, `Array.from(document.querySelectorAll("[role=tab], .copy")).filter((x) => x.checkVisibility()).length`)
	if len(hidden) > 0 || shown > 0 {
		t.Errorf("panels %v are hidden, and %d buttons shown that do nothing", hidden, shown)
	}
	b.check(t)
}

// On a phone the page is not wider than the screen.
func TestPhone(t *testing.T) {
	b := open(t, size(360, 740))
	b.screenshot(t, "phone")
	b.run(t, signIn())
	b.screenshot(t, "phone-signin")
	b.run(t, withKey())
	for _, tab := range tabs() {
		b.run(t, tab.open...)
		if over := eval[int](t, b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s: %d pixels too wide", tab.id, over)
		}
	}
	b.check(t)
}

// violations returns what axe-core, which must be loaded, finds in a part of the page,
// given as a JavaScript expression.
func violations(t *testing.T, b *window, part string) []string {
	t.Helper()
	return eval[[]string](t, b, `axe.run(`+part+`, {runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}).then(
		(r) => r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + v.help + ": " + n.html.slice(0, 200))))`)
}

// withKey and signIn choose one of the two ways to connect.
func withKey() step { return chromedp.Click(chromedp.CSS("#tab-way-key")) }
func signIn() step  { return chromedp.Click(chromedp.CSS("#tab-way-signin")) }

// signers are the clients that can sign in.
func signers() []clientconfig.Client {
	return slices.DeleteFunc(clientconfig.All(), func(c clientconfig.Client) bool { return !c.SignsIn() })
}

// A tab is the tab of a client, for one of the two ways to connect.
type tab struct {
	id   string
	open []step
}

func tabs() []tab {
	var all []tab
	for _, c := range clientconfig.All() {
		all = append(all, tab{c.ID, []step{withKey(), chromedp.Click(chromedp.CSS("#tab-" + c.ID))}})
	}
	for _, c := range signers() {
		id := "signin-" + c.ID
		all = append(all, tab{id, []step{signIn(), chromedp.Click(chromedp.CSS("#tab-" + id))}})
	}
	return all
}

// TestTwoWays: the page shows one way to connect at a time, at first with keys. The buttons
// of the other way lead to the endpoint for sign-in, without a key.
func TestTwoWays(t *testing.T) {
	b := open(t)
	const visible = `["key", "signin"].filter((way) => document.getElementById("panel-way-" + way).checkVisibility()).join()`
	if got := eval[string](t, b, visible); got != "key" {
		t.Errorf("at first, %q is visible", got)
	}
	b.run(t, chromedp.Focus(chromedp.CSS("#tab-way-key")), chromedp.KeyEvent(kb.ArrowRight))
	if got := eval[string](t, b, visible+`+ " " + document.activeElement.id`); got != "signin tab-way-signin" {
		t.Errorf("after the arrow key, visible and focused: %q", got)
	}
	links := eval[[]string](t, b, `Array.from(document.querySelectorAll("#panel-way-signin .buttons a"), (a) => a.getAttribute("href"))`)
	s := clientconfig.Server{Name: "weather-local", URL: b.url + "signin/mcp", Signin: true}
	var want []string
	for _, c := range clientconfig.All() {
		if link := c.Link(s); link != "" {
			want = append(want, link)
		}
	}
	if d := cmp.Diff(want, links); d != "" || len(want) < 3 {
		t.Errorf("links (-want +got):\n%s", d)
	}
	b.check(t)
}

// TestAxe runs axe-core on every tab in both color schemes.
func TestAxe(t *testing.T) {
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(t, "axe-core (npm ci in internal/clients/page/browsertest)")
	}
	for _, colours := range []string{"light", "dark"} {
		b := open(t, scheme(colours))
		b.screenshot(t, colours)
		b.run(t, signIn())
		b.screenshot(t, colours+"-signin")
		eval[bool](t, b, string(axe)+"; true")
		for _, way := range []step{withKey(), signIn()} {
			b.run(t, way)
			for _, f := range violations(t, b, "document") {
				t.Errorf("%s: %s", colours, f)
			}
		}
		for _, tab := range tabs() {
			b.run(t, tab.open...)
			for _, f := range violations(t, b, `"#panel-`+tab.id+`"`) {
				t.Errorf("%s, %s: %s", colours, tab.id, f)
			}
		}
		b.check(t)
	}
}
