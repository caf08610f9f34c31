package awsfake

// Value is a secret's current value, empty where it has none. Whoever runs the
// service keeps by it what clients wrote.
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
