package mcpsession

import "strconv"

// maxQuestions is how many questions of a session can wait for their answers.
const maxQuestions = 16

// Ask makes an id for a question to the client. Its answer, as the client sent
// it, will come from answers. Whoever asks must call forget when it waits no
// more. It is refused, and ok is false, if too many wait already.
func (s *Session) Ask() (id string, answers <-chan []byte, forget func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.asked) >= maxQuestions {
		return "", nil, nil, false
	}
	s.questions++
	id = "question-" + strconv.Itoa(s.questions)
	waiting := make(chan []byte, 1)
	s.asked[id] = waiting
	return id, waiting, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.asked, id)
	}, true
}

// Answer hands the answer to a question to whoever waits for it, once. It
// reports whether anybody did.
func (s *Session) Answer(id string, answer []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting, ok := s.asked[id]
	if ok {
		delete(s.asked, id)
		waiting <- answer
	}
	return ok
}
