package awsfake

import (
	"encoding/xml"
	"net/http"
	"net/url"
)

// queryProtocol is AWS Query: a form in, XML of the service's namespace out.
type queryProtocol struct{ namespace string }

// writeResult wraps the result as <OpResponse><OpResult>…</OpResult></OpResponse>.
func (p queryProtocol) writeResult(w http.ResponseWriter, op string, result any) {
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

func (p queryProtocol) writeError(w http.ResponseWriter, err *Error) {
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

// element marshals its content with a name that differs from its type's.
type element struct {
	name    string
	content any
}

// MarshalXML implements [xml.Marshaler].
func (e element) MarshalXML(enc *xml.Encoder, _ xml.StartElement) error {
	return enc.EncodeElement(e.content, xml.StartElement{Name: xml.Name{Local: e.name}})
}

// A queryOperation returns a struct, to be marshalled as XML, for a call's form.
type queryOperation func(from signer, form url.Values) (any, error)

// serveQuery serves a service with the AWS Query protocol.
func (o Options) serveQuery(namespace string, ops map[string]queryOperation) http.Handler {
	p := queryProtocol{namespace}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.PostFormValue("Action")
		o.serve(w, r, p, name, func(from signer) (any, error) {
			op, known := ops[name]
			if !known {
				return nil, newError("InvalidAction", "action %q is not supported here", name)
			}
			return op(from, r.PostForm)
		})
	})
}

func writeXML(w http.ResponseWriter, status int, v any) {
	body, err := xml.Marshal(v)
	if err != nil {
		panic(err) // the outputs are types of this package
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	w.Write(body)
}
