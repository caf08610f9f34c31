package mcpsession

import "testing"

// An answer reaches who asked, once; nobody can have more questions than there is
// room for.
func TestQuestions(t *testing.T) {
	session := newStore(t, Options{}).Start("a")
	one, answers, forget, _ := session.Ask()
	other, others, forgetOther, _ := session.Ask()
	if !session.Answer(one, []byte("yes")) || string(<-answers) != "yes" {
		t.Error("the answer does not arrive")
	}
	if session.Answer(one, []byte("no")) || session.Answer("question-9", nil) {
		t.Error("what nobody waits for is taken")
	}
	select {
	case got := <-others:
		t.Errorf("another question got %q", got)
	default:
	}
	forget()
	forgetOther()
	if session.Answer(other, nil) {
		t.Error("an answer is taken that is no longer waited for")
	}
	for range maxQuestions {
		if _, _, _, ok := session.Ask(); !ok {
			t.Fatal("there is no room")
		}
	}
	if _, _, _, ok := session.Ask(); ok {
		t.Error("one session has any number of questions")
	}
}
