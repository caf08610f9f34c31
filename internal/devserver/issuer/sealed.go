package issuer

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	_ "crypto/sha256" // for cryptoSHA256
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

const cryptoSHA256 = crypto.SHA256

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// sealed encodes v as a text that only this issuer can create: kind, JSON and an HMAC.
// Client ids, codes and refresh tokens are such texts, so nothing has to be stored. They
// are not encrypted, and contain nothing secret.
func (i *Issuer) sealed(kind string, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // structs of strings and numbers
	}
	body := kind + "_" + encode(data)
	return body + "." + encode(i.mac(body))
}

// open decodes a text into v, and reports whether sealed returned the text for this kind.
func (i *Issuer) open(kind, text string, v any) bool {
	body, mac, ok := strings.Cut(text, ".")
	if !ok || !strings.HasPrefix(body, kind+"_") {
		return false
	}
	sum, err := base64.RawURLEncoding.DecodeString(mac)
	if err != nil || !hmac.Equal(sum, i.mac(body)) {
		return false
	}
	data, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(body, kind+"_"))
	return err == nil && json.Unmarshal(data, v) == nil
}

func (i *Issuer) mac(body string) []byte {
	h := hmac.New(cryptoSHA256.New, i.seal)
	h.Write([]byte(body))
	return h.Sum(nil)
}

// once records codes and refresh tokens, which may be used only once.
type once struct {
	mu   sync.Mutex
	seen map[string]time.Time // by id: the time until which it is recorded
}

// use reports whether id is used for the first time, and records it until it expires.
func (o *once) use(id string, expires, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for old, until := range o.seen {
		if now.After(until) {
			delete(o.seen, old)
		}
	}
	if _, used := o.seen[id]; used {
		return false
	}
	o.seen[id] = expires
	return true
}

func newID() string { return rand.Text() }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// fail writes an OAuth error response, RFC 6749 section 5.2.
func fail(w http.ResponseWriter, code, description string) {
	writeJSON(w, http.StatusBadRequest, map[string]string{"error": code, "error_description": description})
}
