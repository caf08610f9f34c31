package local

import (
	"net"
	"testing"
)

// The last port has no next one: then the issuer gets any free port.
func TestIssuerAfterLastPort(t *testing.T) {
	listener, err := listenForIssuer(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 65535})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		t.Errorf("listens on %v, want a loopback address", listener.Addr())
	}
}
