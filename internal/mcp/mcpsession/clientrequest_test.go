package mcpsession

import "testing"

// A response reaches the call that expects it, once, and a session has a limited
// number of open requests.
func TestClientRequests(t *testing.T) {
	session := newStore(t, Options{}).Start("a")
	one, responses, forget, _ := session.Expect()
	other, otherResponses, forgetOther, _ := session.Expect()
	if !session.Deliver(one, []byte("yes")) || string(<-responses) != "yes" {
		t.Error("the response does not arrive")
	}
	if session.Deliver(one, []byte("no")) || session.Deliver("request-9", nil) {
		t.Error("an unexpected response is accepted")
	}
	select {
	case got := <-otherResponses:
		t.Errorf("another request got %q", got)
	default:
	}
	forget()
	forgetOther()
	if session.Deliver(other, nil) {
		t.Error("a response is accepted after forget")
	}
	for range maxClientRequests {
		if _, _, _, ok := session.Expect(); !ok {
			t.Fatal("rejected below the limit")
		}
	}
	if _, _, _, ok := session.Expect(); ok {
		t.Error("accepted above the limit")
	}
}
