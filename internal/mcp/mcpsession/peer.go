package mcpsession

import (
	"bufio"
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// peerPath is the path at which a task proves to another task that it has the secret.
const peerPath = "/.mcp-session-peer"

// peerTimeout limits connecting to another task and verifying it.
const peerTimeout = 5 * time.Second

// prover proves that this process is the task with an address. After a task has ended,
// another program may listen at its address: on a laptop, any user's program; in a network,
// a program on a machine that was assigned the address. Without the proof, that program would
// receive requests with their API keys, and could respond to them.
type prover struct{ key []byte }

func newProver(secret string) (prover, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "mcp session peer", 32)
	return prover{key}, err
}

// prove returns the proof for a challenge. The proof is valid for one address, so a
// program at another address cannot relay the proof of a running task.
func (p prover) prove(address, challenge string) string {
	mac := hmac.New(sha256.New, p.key)
	fmt.Fprintf(mac, "%d %s %s", len(address), address, challenge)
	return hex.EncodeToString(mac.Sum(nil))
}

// ServePeer responds to the challenge of another task, and reports whether the request
// was one.
func (s *Store) ServePeer(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != peerPath {
		return false
	}
	challenge := r.URL.Query().Get("challenge")
	if r.Method != http.MethodGet || challenge == "" || len(challenge) > 64 {
		http.NotFound(w, r)
		return true
	}
	w.Header().Del("Connection") // keep the connection open for the forwarded request, even while the task drains
	_, _ = io.WriteString(w, s.prover.prove(s.o.Self, challenge))
	return true
}

// dialPeer connects to a task and returns the connection once the task has proved its
// identity on it.
func (s *Store) dialPeer(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, peerTimeout)
	defer cancel()
	// Keep-alive probes detect a host that vanishes during a call within half a minute.
	probes := net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}
	conn, err := (&net.Dialer{Timeout: 2 * time.Second, KeepAliveConfig: probes}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) // interrupts the exchange
	err = s.verifyPeer(conn, address)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("verify the task at %s: %w", address, err)
	}
	return conn, nil
}

// verifyPeer sends a challenge on a connection and checks the proof.
func (s *Store) verifyPeer(conn net.Conn, address string) error {
	challenge := rand.Text()
	r := http.Request{
		Method: http.MethodGet, Host: address,
		URL: &url.URL{Path: peerPath, RawQuery: "challenge=" + challenge},
	}
	if err := r.Write(conn); err != nil {
		return err
	}
	reader := bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, &r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	want := s.prover.prove(address, challenge)
	got, _ := io.ReadAll(io.LimitReader(resp.Body, int64(len(want)+1))) // a truncated proof does not match
	if resp.StatusCode != http.StatusOK || !hmac.Equal(got, []byte(want)) {
		return errors.New("it is not the task that has the session")
	}
	if reader.Buffered() > 0 || resp.Close {
		return errors.New("the connection cannot be used for the request")
	}
	return nil
}
