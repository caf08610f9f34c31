package hostile

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"serverless-mcp/internal/test/rpc"
)

// TestHostileLoad runs all attacks concurrently. The server must stay alive and healthy,
// respond to every call of another key, and log little.
func TestHostileLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 3 s of load and a build")
	}
	length, healthLimit := 3*time.Second, 20*time.Second // generous, because the machine may be busy
	if text := os.Getenv("HOSTILE_SECONDS"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("HOSTILE_SECONDS: %v", err)
		}
		length, healthLimit = time.Duration(seconds)*time.Second, 2*time.Second
	}
	group := newCgroup(t, 0.25, 512<<20)
	began := time.Now() // the server's first line follows
	c := startContainer(t, group)
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var wait sync.WaitGroup
	var statuses [600]atomic.Int64
	for name, a := range attacks() {
		for range a.clients {
			wait.Go(func() {
				for ctx.Err() == nil {
					if status := a.run(ctx, c.url); status >= len(statuses) {
						t.Errorf("%s: status %d", name, status)
					} else {
						statuses[status].Add(1)
					}
				}
			})
		}
	}
	var calls int
	var slowest time.Duration
	wait.Go(func() { calls = goodCalls(ctx, t, c.url) })
	wait.Go(func() { slowest = health(ctx, t, c.url) })
	wait.Wait()
	select {
	case err := <-c.exited:
		c.exited <- err
		t.Fatalf("the server ended: %v", err)
	default:
	}
	var summary []string
	for status := range statuses {
		if n := statuses[status].Load(); n > 0 {
			summary = append(summary, fmt.Sprintf("%d× %d", n, status))
		}
	}
	t.Logf("%v: %d good calls, slowest health check %v, peak memory %d MB, log %d KB; hostile: %s (0 is no response)",
		length, calls, slowest.Round(time.Millisecond), group.peakMB(), c.log.bytes()>>10, strings.Join(summary, ", "))
	if calls == 0 || slowest > healthLimit {
		t.Errorf("%d good calls; the slowest health check took %v, want at most %v", calls, slowest, healthLimit)
	}
	c.log.check(t, time.Since(began))
}

// goodCalls calls a tool until ctx ends, every other time in a new session, and counts the
// calls. Every call must succeed.
func goodCalls(ctx context.Context, t *testing.T, url string) (calls int) {
	arguments := `{"operation":"multiply","a":6,"b":7}`
	for ctx.Err() == nil {
		headers := []string{"X-Api-Key", goodKey}
		// A call that has begun when ctx ends may still finish.
		patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
		if calls%2 == 1 {
			status, _, header := do(patient, "POST", url, strings.NewReader(rpc.Initialize), headers...)
			if status != http.StatusOK {
				t.Errorf("initialize: status %d", status)
			}
			headers = append(headers, "Mcp-Session-Id", header.Get("Mcp-Session-Id"), "Mcp-Protocol-Version", "2025-11-25")
		}
		status, body, _ := do(patient, "POST", url, strings.NewReader(rpc.Call("1", "calculate", arguments)), headers...)
		if status != http.StatusOK || !strings.Contains(body, `"result":42`) {
			t.Errorf("good call %d: %d %.300s", calls, status, body)
		}
		cancel()
		calls++
		pause(ctx, 100*time.Millisecond)
	}
	return calls
}

// health returns the duration of the slowest health check. A separate process sends the
// checks, because in this process they would wait for the goroutines of the attacks.
func health(ctx context.Context, t *testing.T, url string) (slowest time.Duration) {
	probe := exec.Command(os.Args[0], "-test.run=^TestProbe$")
	probe.Env = append(os.Environ(), probeURL+"="+url)
	out, err := probe.StdoutPipe()
	if err == nil {
		err = probe.Start()
	}
	if err != nil {
		t.Error(err)
		return 0
	}
	stop := context.AfterFunc(ctx, func() { _ = probe.Process.Kill() })
	defer stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		took, err := time.ParseDuration(lines.Text())
		if err != nil {
			t.Errorf("health: %s", lines.Text())
		}
		slowest = max(slowest, took)
	}
	if err := probe.Wait(); ctx.Err() == nil {
		t.Errorf("the probe ended: %v", err)
	}
	return slowest
}

// probeURL is the environment variable with the server for TestProbe.
const probeURL = "HOSTILE_PROBE_URL"

// TestProbe is not a test. It is run as a separate process, which checks the health of a
// server until it is killed, and prints how long each check took or the error.
func TestProbe(t *testing.T) {
	url := os.Getenv(probeURL)
	if url == "" {
		t.Skip("runs as a process of TestHostileLoad")
	}
	for {
		began := time.Now()
		response, err := http.Get(url + "/health")
		if err != nil {
			fmt.Println(err)
		} else if response.Body.Close(); response.StatusCode != http.StatusOK {
			fmt.Println(response.Status)
		} else {
			fmt.Println(time.Since(began))
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// do sends a request and returns the whole response; status 0 means that there was no
// response.
func do(ctx context.Context, method, url string, body io.Reader, headers ...string) (status int, text string, header http.Header) {
	r, err := http.NewRequestWithContext(ctx, method, url+"/mcp", body)
	if err != nil {
		return 0, err.Error(), nil
	}
	rpc.SetHeaders(r.Header, append([]string{"X-Api-Key", hostileKey}, headers...)...)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer response.Body.Close()
	data, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	return response.StatusCode, string(data), response.Header
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// rawConnection sends text and keeps the connection open until the server closes it or ctx
// ends.
func rawConnection(ctx context.Context, url, text string) int {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return 0
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	_, _ = io.WriteString(conn, text)
	_, _ = io.Copy(io.Discard, conn)
	return 0
}
