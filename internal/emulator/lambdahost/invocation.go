package lambdahost

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
)

// invocation is one event on its way through an instance. The fields above the
// channels do not change; its answer goes first to the caller's side (receive),
// then the outcome to the instance's side (responded), and when the instance
// has settled, the end to the caller's side (finish).
type invocation struct {
	id      string
	traceID string
	payload []byte
	// receive takes the answer's body as it arrives.
	receive func(contentType string, body io.Reader) error
	// end tells the caller the outcome; called once.
	end func(error)

	responded chan error // from the Runtime API, once; nil is success
}

func newInvocation(payload []byte, now time.Time) *invocation {
	trace := random(20)
	return &invocation{
		id: uuid.NewString(),
		// Sampled=0: no trace is recorded anywhere.
		traceID:   fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", now.Unix(), trace[:24], trace[24:]),
		payload:   payload,
		responded: make(chan error, 1),
	}
}

// errResponseTooLarge is what receive returns when the limit is passed.
var errResponseTooLarge = errors.New("response too large")

// buffered makes i keep its whole answer. The returned function waits for it.
func (i *invocation) buffered() (wait func(context.Context) ([]byte, error)) {
	var body []byte
	done := make(chan error, 1)
	i.end = func(err error) { done <- err }
	i.receive = func(_ string, r io.Reader) (err error) {
		body, err = io.ReadAll(io.LimitReader(r, MaxResponseBytes+1))
		if err == nil && len(body) > MaxResponseBytes {
			return errResponseTooLarge
		}
		return err
	}
	return func(ctx context.Context) ([]byte, error) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case err := <-done:
			if err != nil {
				return nil, err
			}
			return body, nil
		}
	}
}

// stream is an answer that is read while it is written.
type stream struct {
	*io.PipeReader
	ctxErr  func() error // of the caller's context
	release func() bool  // ends the watch over that context
}

// Read implements io.Reader.
func (s stream) Read(p []byte) (int, error) {
	n, err := s.PipeReader.Read(p)
	if err == io.ErrClosedPipe && s.ctxErr() != nil {
		err = s.ctxErr()
	}
	return n, err
}

// Close tells that nobody reads on. The function is not told: it runs to its
// end, as on Lambda.
func (s stream) Close() error {
	s.release()
	return s.CloseWithError(errReaderGone)
}

var errReaderGone = errors.New("reader is gone")

// streamed makes i pass its answer on while it is written. The returned
// function waits for the beginning.
func (i *invocation) streamed() (wait func(context.Context) (string, io.ReadCloser, error)) {
	reader, writer := io.Pipe()
	begun := make(chan string, 1)
	failed := make(chan error, 1)
	i.receive = func(contentType string, body io.Reader) error {
		begun <- contentType
		_, err := io.Copy(writer, body)
		if errors.Is(err, errReaderGone) {
			_, err = io.Copy(io.Discard, body)
		}
		return err
	}
	i.end = func(err error) {
		failed <- err
		writer.CloseWithError(err) // nil becomes io.EOF
	}
	return func(ctx context.Context) (string, io.ReadCloser, error) {
		release := context.AfterFunc(ctx, func() { reader.CloseWithError(errReaderGone) })
		body := stream{reader, ctx.Err, release}
		select {
		case contentType := <-begun:
			return contentType, body, nil
		case <-ctx.Done():
			return "", nil, ctx.Err()
		case err := <-failed:
			select {
			case contentType := <-begun: // both came, and the reader gets the error
				return contentType, body, nil
			default:
			}
			release()
			if err == nil {
				err = functionError(TypeUnknown, "RequestId: "+i.id+" Error: no response")
			}
			return "", nil, err
		}
	}
}

// random is n random bytes in hex.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
