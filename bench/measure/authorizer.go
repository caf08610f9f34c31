package measure

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
)

// Authorizer measures calls of the authorizer with the keyring in memory, by the number of
// keys.
func (b Bench) Authorizer(ctx context.Context, counts []int, plan Plan) ([]Point, error) {
	echo, err := b.Set.Find(peer.Echo)
	if err != nil {
		return nil, err
	}
	peers := []peer.Peer{echo}
	key := func(n int) string { return fmt.Sprintf("key-of-the-benchmark-%020d", n) }
	for _, n := range counts {
		document, err := keys(n, key)
		if err != nil {
			return nil, err
		}
		secrets, err := serveSecrets(document)
		if err != nil {
			return nil, err
		}
		defer secrets.Close()
		env := peer.Threads()
		env["ISSUED_KEYS_SECRET"], env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = secretName, "http://"+secrets.Addr
		peers = append(peers, peer.Peer{ID: fmt.Sprintf("%d keys", n), Command: []string{b.Set.Authorizer}, Env: env})
	}
	warm, err := b.Warm(ctx, peers, event.Authorization(key(0)), plan)
	if err != nil {
		return nil, err
	}
	var points []Point
	for i, n := range counts {
		w := warm[peers[i+1].ID]
		points = append(points, Point{Size: n, Call: w.CPU.Median(), Clock: w.Latency.Median(), Floor: warm[echo.ID].CPU.Median()})
	}
	return points, nil
}

const secretName = "bench/issued-keys"

// keys returns a document of n keys.
func keys(n int, plain func(int) string) (string, error) {
	var d apikey.Document
	for i := range n {
		d.Keys = append(d.Keys, apikey.Key{ID: fmt.Sprintf("key-%d", i), SHA256: apikey.Hash(plain(i))})
	}
	text, err := d.Marshal()
	if err != nil {
		return "", fmt.Errorf("encode %d keys: %w", n, err)
	}
	return string(text), nil
}

// serveSecrets runs a fake Secrets Manager with the document at the server's Addr.
func serveSecrets(document string) (*http.Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for Secrets Manager: %w", err)
	}
	secrets := awsfake.NewSecretsManager(awsfake.Options{})
	secrets.Create(secretName, document)
	server := &http.Server{Addr: listener.Addr().String(), Handler: secrets}
	go server.Serve(listener) // until Close
	return server, nil
}
