package awsfake

import (
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A protocol writes answers and refusals the way one family of AWS services
// does: https://smithy.io/2.0/aws/protocols/index.html.
type protocol interface {
	answer(w http.ResponseWriter, op string, result any)
	refuse(w http.ResponseWriter, err *Error)
}

// serve is the one way through which every call goes: signature, faults, then
// the operation itself. An error that is no *Error is a defect of this package
// and surfaces as InternalFailure.
func (o Options) serve(w http.ResponseWriter, r *http.Request, p protocol, op string, do func(signer) (any, error)) {
	w.Header().Set("X-Amzn-Requestid", requestID())
	from, refused := signerOf(r)
	if refused != nil {
		p.refuse(w, refused)
		return
	}
	if o.Called != nil {
		o.Called(op, from.accessKeyID)
	}
	if o.failed(w, r, p, op) {
		return
	}
	result, err := do(from)
	if err == nil {
		p.answer(w, op, result)
		return
	}
	if !errors.As(err, &refused) {
		refused = &Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
	}
	p.refuse(w, refused)
}

// failed plays the fault asked for, if any, and reports whether it was the answer.
func (o Options) failed(w http.ResponseWriter, r *http.Request, p protocol, op string) bool {
	if o.Fail == nil {
		return false
	}
	f := o.Fail(op)
	if f == nil {
		return false
	}
	if f.Delay != nil {
		f.Delay(r.Context())
	}
	switch {
	case f.Hangup:
		panic(http.ErrAbortHandler) // net/http closes the connection and stays silent
	case f.Error != nil:
		p.refuse(w, f.Error)
	case f.Garbage != "":
		io.WriteString(w, f.Garbage)
	default:
		return false
	}
	return true
}

// jsonProtocol is AWS JSON 1.0 and 1.1: the operation in X-Amz-Target, the
// error's name in the body's __type.
type jsonProtocol struct{ version string }

func (p jsonProtocol) answer(w http.ResponseWriter, _ string, result any) {
	writeJSON(w, http.StatusOK, "application/x-amz-json-"+p.version, result)
}

func (p jsonProtocol) refuse(w http.ResponseWriter, err *Error) {
	writeJSON(w, err.status(), "application/x-amz-json-"+p.version, map[string]string{"__type": err.Code, "Message": err.Message})
}

// An operation takes the call's input as JSON and gives its output, to be
// marshalled as JSON.
type operation func(input []byte) (any, error)

// decoded makes an operation of a typed function.
func decoded[In, Out any](fn func(In) (Out, error)) operation {
	return func(input []byte) (any, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, refuse("SerializationException", "%v", err)
		}
		return fn(in)
	}
}

// serveJSON serves a service of AWS JSON 1.0 or 1.1, its targets prefixed
// ("secretsmanager" for secretsmanager.GetSecretValue).
func (o Options) serveJSON(version, prefix string, ops map[string]operation) http.Handler {
	p := jsonProtocol{version}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), prefix+".")
		o.serve(w, r, p, name, func(signer) (any, error) {
			op, known := ops[name]
			if !known {
				return nil, refuse("UnknownOperationException", "operation %q is not served here", name)
			}
			input, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, fmt.Errorf("read the input of %s: %w", name, err)
			}
			return op(input)
		})
	})
}

// restProtocol is REST-JSON: the error's name in the header X-Amzn-Errortype.
// A nil result is answered with 204 and no body.
type restProtocol struct{}

func (restProtocol) answer(w http.ResponseWriter, _ string, result any) {
	if result == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", result)
}

func (restProtocol) refuse(w http.ResponseWriter, err *Error) {
	w.Header().Set("X-Amzn-Errortype", err.Code)
	writeJSON(w, err.status(), "application/json", map[string]string{"message": err.Message})
}

// rest serves one operation of a REST-JSON service; path parameters come from
// the pattern it is registered under in an [http.ServeMux].
func (o Options) rest(op string, do func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.serve(w, r, restProtocol{}, op, func(signer) (any, error) { return do(r) })
	})
}

// queryProtocol is AWS Query: a form in, XML of the service's namespace out.
type queryProtocol struct{ namespace string }

// answer wraps the result as <OpResponse><OpResult>…</OpResult></OpResponse>.
func (p queryProtocol) answer(w http.ResponseWriter, op string, result any) {
	type metadata struct{ RequestId string }
	var body struct {
		XMLName          xml.Name
		Result           any
		ResponseMetadata metadata
	}
	body.XMLName = xml.Name{Space: p.namespace, Local: op + "Response"}
	body.Result = element{name: op + "Result", content: result}
	body.ResponseMetadata.RequestId = w.Header().Get("X-Amzn-Requestid")
	writeXML(w, http.StatusOK, body)
}

func (p queryProtocol) refuse(w http.ResponseWriter, err *Error) {
	type detail struct{ Type, Code, Message string }
	fault := "Sender"
	if err.status() >= 500 {
		fault = "Receiver"
	}
	writeXML(w, err.status(), struct {
		XMLName   xml.Name
		Error     detail
		RequestId string
	}{
		XMLName:   xml.Name{Space: p.namespace, Local: "ErrorResponse"},
		Error:     detail{fault, err.Code, err.Message},
		RequestId: w.Header().Get("X-Amzn-Requestid"),
	})
}

// element marshals its content under another name than that of its type.
type element struct {
	name    string
	content any
}

// MarshalXML implements [xml.Marshaler].
func (e element) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	return enc.EncodeElement(e.content, xml.StartElement{Name: xml.Name{Local: e.name}})
}

// A queryOperation takes the form and gives a struct to be marshalled as XML.
type queryOperation func(from signer, form url.Values) (any, error)

// serveQuery serves a service of AWS Query.
func (o Options) serveQuery(namespace string, ops map[string]queryOperation) http.Handler {
	p := queryProtocol{namespace}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.PostFormValue("Action")
		o.serve(w, r, p, name, func(from signer) (any, error) {
			op, known := ops[name]
			if !known {
				return nil, refuse("InvalidAction", "action %q is not served here", name)
			}
			return op(from, r.PostForm)
		})
	})
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // outputs are our own types
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body)
}

func writeXML(w http.ResponseWriter, status int, v any) {
	body, err := xml.Marshal(v)
	if err != nil {
		panic(err) // outputs are our own types
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	w.Write(body)
}

// requestID is a random UUID, as services print them.
func requestID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
