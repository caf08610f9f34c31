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

// invocation is one event on its way through an instance. First receive passes the
// response's body to the caller, then responded passes the outcome to the instance, and once
// the instance is free, end passes the outcome to the caller. No field changes meanwhile.
type invocation struct {
	id      string
	traceID string
	payload []byte
	// receive takes the response's body as it arrives.
	receive func(contentType string, body io.Reader) error
	// end passes the outcome to the caller; called once.
	end func(error)

	responded chan error // from the Runtime API, once; nil is success
}

func newInvocation(payload []byte, now time.Time) *invocation {
	trace := random(20)
	return &invocation{
		id: uuid.NewString(),
		// Sampled=0: nothing records a trace.
		traceID:   fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", now.Unix(), trace[:24], trace[24:]),
		payload:   payload,
		responded: make(chan error, 1),
	}
}

// errResponseTooLarge is returned by receive when the limit is exceeded.
var errResponseTooLarge = errors.New("response too large")

// buffered makes i keep its whole response. The returned function waits for the
// end of the invoke.
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

// stream is the body of a response that is read while it is written.
type stream struct {
	*io.PipeReader
	ctxErr  func() error // of the caller's context
	release func() bool  // stops watching that context
}

// Read implements io.Reader.
func (s stream) Read(p []byte) (int, error) {
	n, err := s.PipeReader.Read(p)
	if err == io.ErrClosedPipe && s.ctxErr() != nil {
		err = s.ctxErr()
	}
	return n, err
}

// Close discards the rest of the response. The function is not notified and runs
// to its end, as on Lambda.
func (s stream) Close() error {
	s.release()
	return s.CloseWithError(errReaderClosed)
}

var errReaderClosed = errors.New("reader is closed")

// streamed makes i forward its response while it is written. The returned
// function waits for the beginning.
func (i *invocation) streamed() (wait func(context.Context) (string, io.ReadCloser, error)) {
	reader, writer := io.Pipe()
	begun := make(chan string, 1)
	failed := make(chan error, 1)
	i.receive = func(contentType string, body io.Reader) error {
		begun <- contentType
		_, err := io.Copy(writer, body)
		if errors.Is(err, errReaderClosed) {
			_, err = io.Copy(io.Discard, body)
		}
		return err
	}
	i.end = func(err error) {
		failed <- err
		writer.CloseWithError(err) // nil becomes io.EOF
	}
	return func(ctx context.Context) (string, io.ReadCloser, error) {
		release := context.AfterFunc(ctx, func() { reader.CloseWithError(errReaderClosed) })
		body := stream{reader, ctx.Err, release}
		select {
		case contentType := <-begun:
			return contentType, body, nil
		case <-ctx.Done():
			return "", nil, ctx.Err()
		case err := <-failed:
			select {
			case contentType := <-begun: // the response began as well; the reader returns the error
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

// random returns n random bytes in hex.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
