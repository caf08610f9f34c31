package awsfake

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// jsonProtocol is AWS JSON 1.0 and 1.1: the operation in X-Amz-Target, the
// error's name in the body's __type.
type jsonProtocol struct{ version string }

func (p jsonProtocol) writeResult(w http.ResponseWriter, _ string, result any) {
	writeJSON(w, http.StatusOK, "application/x-amz-json-"+p.version, result)
}

func (p jsonProtocol) writeError(w http.ResponseWriter, err *Error) {
	body := map[string]any{"__type": err.Code, "Message": err.Message}
	maps.Copy(body, err.members)
	writeJSON(w, err.status(), "application/x-amz-json-"+p.version, body)
}

// An operation returns the output, to be marshalled as JSON, for a call's JSON
// input.
type operation func(input []byte) (any, error)

// decoded converts a typed function to an operation.
func decoded[In, Out any](fn func(In) (Out, error)) operation {
	return func(input []byte) (any, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, newError("SerializationException", "%v", err)
		}
		return fn(in)
	}
}

// serveJSON serves a service with AWS JSON 1.0 or 1.1. prefix is the prefix of X-Amz-Target:
// "secretsmanager" in secretsmanager.GetSecretValue.
func (o Options) serveJSON(version, prefix string, ops map[string]operation) http.Handler {
	p := jsonProtocol{version}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), prefix+".")
		o.serve(w, r, p, name, func(signer) (any, error) {
			op, known := ops[name]
			if !known {
				return nil, newError("UnknownOperationException", "operation %q is not supported here", name)
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
// A nil result becomes status 204 without a body.
type restProtocol struct{}

func (restProtocol) writeResult(w http.ResponseWriter, _ string, result any) {
	if result == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", result)
}

func (restProtocol) writeError(w http.ResponseWriter, err *Error) {
	w.Header().Set("X-Amzn-Errortype", err.Code)
	writeJSON(w, err.status(), "application/json", map[string]string{"message": err.Message})
}

// rest serves one operation of a REST-JSON service. The pattern in an
// [http.ServeMux] provides the path parameters.
func (o Options) rest(op string, do func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.serve(w, r, restProtocol{}, op, func(signer) (any, error) { return do(r) })
	})
}

// dynamoDBType is the content type of DynamoDB, the only service here with JSON 1.0. Its
// responses have a checksum, and without one the SDK logs a warning for each call.
const dynamoDBType = "application/x-amz-json-1.0"

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // the outputs are types of this package
	}
	w.Header().Set("Content-Type", contentType)
	if contentType == dynamoDBType {
		w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	}
	w.WriteHeader(status)
	w.Write(body)
}
