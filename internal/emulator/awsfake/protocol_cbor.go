package awsfake

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// cborProtocol is Smithy's RPC v2: the operation in the path, input and output
// as CBOR, the error's name in the body's __type.
// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
type cborProtocol struct{}

func (cborProtocol) writeResult(w http.ResponseWriter, _ string, result any) {
	writeCBOR(w, http.StatusOK, result.(cbor.Value)) // all cborOperations return one
}

func (cborProtocol) writeError(w http.ResponseWriter, err *Error) {
	writeCBOR(w, err.status(), cbor.Map{"__type": cbor.String(err.Code), "message": cbor.String(err.Message)})
}

func writeCBOR(w http.ResponseWriter, status int, v cbor.Value) {
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor") // required by the SDK
	w.Header().Set("Content-Type", "application/cbor")
	w.WriteHeader(status)
	w.Write(cbor.Encode(v))
}

// A cborOperation returns the output for a call's input.
type cborOperation func(in cbor.Map) (cbor.Value, error)

// serveCBOR serves a service by its name in paths.
func (o Options) serveCBOR(service string, ops map[string]cborOperation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/service/"+service+"/operation/")
		o.serve(w, r, cborProtocol{}, name, func(signer) (any, error) {
			op, known := ops[name]
			if !known {
				return nil, newError("UnknownOperationException", "operation %q is not supported here", name)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, fmt.Errorf("read the input of %s: %w", name, err)
			}
			in, err := cbor.Decode(body)
			if err != nil {
				return nil, newError("SerializationException", "%v", err)
			}
			fields, _ := in.(cbor.Map)
			return op(fields)
		})
	})
}
