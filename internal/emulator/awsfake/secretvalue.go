package awsfake

// Value returns a secret's current value, or "" if it has none.
func (s *SecretsManager) Value(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	sec, ok := s.secrets[name]
	if !ok {
		return ""
	}
	if v := sec.labelled(current); v != nil {
		return v.value
	}
	return ""
}
