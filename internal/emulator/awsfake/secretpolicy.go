package awsfake

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// As returns the service for callers with a role. allow reports whether the role's policy
// allows an action, such as "secretsmanager:GetSecretValue", on a secret. The secret is
// given by its ARN or, if it does not exist, by the id in the request. A denied action gets
// AWS's AccessDeniedException, whether or not the secret exists.
func (s *SecretsManager) As(role string, allow func(action, secret string) bool) http.Handler {
	user := "arn:aws:sts::" + s.o.Account + ":assumed-role/" + role + "/" + role
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the caller has disconnected
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var in struct{ SecretId string }
		_ = json.Unmarshal(body, &in) // invalid JSON names no secret; the service rejects it
		secret := s.resource(in.SecretId)
		action := "secretsmanager:" + strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
		if allow(action, secret) {
			s.ServeHTTP(w, r)
			return
		}
		s.o.serve(w, r, jsonProtocol{"1.1"}, strings.TrimPrefix(action, "secretsmanager:"), func(signer) (any, error) {
			return nil, newError("AccessDeniedException", "User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action", user, action, secret, action)
		})
	})
}

// resource returns a secret's ARN, or id if the secret does not exist.
func (s *SecretsManager) resource(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sec, err := s.find(id); err == nil {
		return sec.arn
	}
	return id
}
