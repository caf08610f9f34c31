package lambdahost_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/lambdahost"
)

// forged is the response that another process tries to send for an invoke.
const forged = `{"isAuthorized":true}`

// attack sends the requests that read events and respond to them to each address in args,
// and prints the responses. The last argument is the id of the invoke in progress.
func attack(args []string) int {
	id := args[len(args)-1]
	client := http.Client{Timeout: 30 * time.Second}
	for _, address := range args[:len(args)-1] {
		for _, request := range []string{
			"GET /2018-06-01/runtime/invocation/next",
			"POST /2018-06-01/runtime/invocation/" + id + "/response",
			"POST /2018-06-01/runtime/invocation/" + id + "/error",
			"POST /2018-06-01/runtime/init/error",
		} {
			method, path, _ := strings.Cut(request, " ")
			r, err := http.NewRequest(method, "http://"+address+path, strings.NewReader(forged))
			if err != nil {
				fmt.Println(err)
				return 1
			}
			resp, err := client.Do(r)
			if err != nil {
				fmt.Println("no response:", err)
				continue
			}
			body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
			resp.Body.Close()
			fmt.Printf("uid %d: %d %s %.40q\n", os.Getuid(), resp.StatusCode, strings.TrimPrefix(path, "/2018-06-01/runtime/"), body)
		}
	}
	return 0
}

// pendingInvoke is an invoke in progress.
type pendingInvoke struct {
	api      string // address of the Runtime API, with its secret
	id       string // of the invoke
	response chan string
	finish   func() // makes the function send a response
}

// beginInvoke invokes a function that waits until finish is called.
func beginInvoke(t *testing.T) pendingInvoke {
	t.Helper()
	log := newJournal()
	f := start(t, lambdahost.Options{Log: log})
	line := listen(t)
	b := pendingInvoke{response: make(chan string, 1)}
	for _, v := range call(t, f, do{Do: "environ"}).Environ {
		if api, ok := strings.CutPrefix(v, "AWS_LAMBDA_RUNTIME_API="); ok {
			b.api = api
		}
	}
	go func() {
		out, err := f.Invoke(context.Background(), do{Do: "wait", Text: line.address()}.event())
		b.response <- fmt.Sprint(string(out), err)
	}()
	conn := line.accept()
	b.finish = func() { conn.Close() }
	starts := regexp.MustCompile(`START RequestId: (\S+)`).FindAllStringSubmatch(log.String(), -1)
	b.id = starts[len(starts)-1][1]
	return b
}

// TestRuntimeAPINeedsItsSecret: without the secret path, no process can read events or
// respond to them. With the path the attack succeeds, which shows that it works.
func TestRuntimeAPINeedsItsSecret(t *testing.T) {
	b := beginInvoke(t)
	port, _, _ := strings.Cut(b.api, "/")
	for _, line := range runAttack(t, nil, os.Args[0], port, b.id) {
		if !strings.Contains(line, ": 404 ") {
			t.Errorf("without the secret: %s, want 404", line)
		}
	}
	b.finish()
	if got := <-b.response; strings.Contains(got, "isAuthorized") {
		t.Errorf("the caller received the forged response: %s", got)
	}

	b = beginInvoke(t)
	out := strings.Join(runAttack(t, nil, os.Args[0], b.api, b.id), "\n")
	b.finish()
	if got := <-b.response; !strings.Contains(got, forged) || !strings.Contains(out, ": 202 ") {
		t.Errorf("with the secret, the attack fails, so this test shows nothing: caller received %s\n%s", got, out)
	}
}

// runAttack runs the attack in a child process and returns its lines, one a
// request.
func runAttack(t *testing.T, as func(*exec.Cmd), program string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = []string{"LAMBDAHOST_TEST_ATTACK=" + strings.Join(args, " ")}
	if as != nil {
		as(cmd)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("attack: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 4*(len(args)-1) {
		t.Fatalf("attack made %d requests, want 4 for each of %d addresses:\n%s", len(lines), len(args)-1, out)
	}
	return lines
}

// worldReadable copies the test program to a directory where other users can run it.
func worldReadable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "attack")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "attack")
	copyFile(t, os.Args[0], program)
	return program
}
