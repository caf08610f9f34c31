package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// answer is what a client gets.
type response struct {
	status   int
	header   http.Header
	body     []byte
	rejected bool // made by the gateway, not by a function
}

// rejection returns one of the gateway's own responses, whose texts are those of the
// statuses.
func rejection(status int) response {
	text := http.StatusText(status)
	body, _ := json.Marshal(map[string]string{"message": text})
	return response{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: body, rejected: true}
}

func (resp response) message() string {
	if !resp.rejected {
		return ""
	}
	return http.StatusText(resp.status)
}

func (resp response) write(w http.ResponseWriter, r *http.Request) {
	for name, values := range resp.header {
		w.Header()[name] = values
	}
	hasBody := resp.status != http.StatusNoContent && resp.status != http.StatusNotModified
	if hasBody {
		w.Header().Set("Content-Length", strconv.Itoa(len(resp.body)))
	}
	w.WriteHeader(resp.status)
	if hasBody && r.Method != http.MethodHead {
		w.Write(resp.body) // a client that is gone has nobody to tell
	}
}

// parseResponse makes a response of what a function gave: a record with a
// statusCode is taken at its word, and a bad one is an error; anything else,
// JSON or not, is the body of a 200 (observed by AWS's own Lambda test tool,
// where the documentation speaks of valid JSON only).
func parseResponse(payload []byte) (response, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(payload, &fields); err != nil || fields["statusCode"] == nil {
		header := http.Header{"Content-Type": {"application/json"}}
		return response{status: http.StatusOK, header: header, body: payload}, nil
	}
	var given struct {
		StatusCode      int            `json:"statusCode"`
		Headers         map[string]any `json:"headers"`
		Cookies         []string       `json:"cookies"`
		Body            string         `json:"body"`
		IsBase64Encoded bool           `json:"isBase64Encoded"`
	}
	d := json.NewDecoder(bytes.NewReader(payload))
	d.UseNumber()
	if err := d.Decode(&given); err != nil {
		return response{}, fmt.Errorf("read function's answer: %w", err)
	}
	if given.StatusCode < 200 || given.StatusCode > 599 {
		return response{}, fmt.Errorf("read function's answer: statusCode %d", given.StatusCode)
	}
	header, err := responseHeader(given.Headers, given.Cookies)
	if err != nil {
		return response{}, err
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "text/plain; charset=utf-8") // observed
	}
	body := []byte(given.Body)
	if given.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(given.Body); err != nil {
			return response{}, fmt.Errorf("read function's answer: body: %w", err)
		}
	}
	return response{status: given.StatusCode, header: header, body: body}, nil
}

// responseHeader takes strings, numbers and booleans for values. The length is
// computed again and hop-by-hop headers are dropped; all else passes, Server
// and Date included.
func responseHeader(values map[string]any, cookies []string) (http.Header, error) {
	header := http.Header{}
	for name, value := range values {
		switch value.(type) {
		case string, json.Number, bool:
		default:
			return nil, fmt.Errorf("read function's answer: header %q has a %T for a value", name, value)
		}
		if lower := strings.ToLower(name); lower != "content-length" && !hopByHop[lower] {
			header.Add(renamed(lower, name), fmt.Sprint(value))
		}
	}
	for _, cookie := range cookies {
		header.Add("Set-Cookie", cookie)
	}
	return header, nil
}

// renamed returns the name under which a function's header reaches the client.
// AWS keeps WWW-Authenticate for itself: Function URLs and REST APIs send it under
// another name (observed), and HTTP APIs probably do (unsure).
func renamed(lower, name string) string {
	if lower == "www-authenticate" {
		return "x-amzn-Remapped-WWW-Authenticate"
	}
	return name
}
