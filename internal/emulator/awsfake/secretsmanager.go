package awsfake

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
)

// SecretsManager is a fake of Secrets Manager with the operations for reading a
// value, describing a secret, writing versions and moving staging labels.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/
type SecretsManager struct {
	// FirstVersionBare gives the first version of a secret only the labels in its
	// PutSecretValue. According to the documentation it also gets AWSCURRENT; callers
	// should work with either behavior. Set it before the first call.
	FirstVersionBare bool

	o       Options
	handler http.Handler

	mu      sync.Mutex
	secrets map[string]*secret // by name
}

// NewSecretsManager returns a service without secrets.
func NewSecretsManager(o Options) *SecretsManager {
	s := &SecretsManager{o: o.withDefaults(), secrets: map[string]*secret{}}
	s.handler = s.o.serveJSON("1.1", "secretsmanager", map[string]operation{
		"GetSecretValue":           constrained(decoded(s.getSecretValue)),
		"DescribeSecret":           constrained(decoded(s.describeSecret)),
		"ListSecretVersionIds":     constrained(decoded(s.listSecretVersionIDs)),
		"PutSecretValue":           constrained(decoded(s.putSecretValue)),
		"UpdateSecretVersionStage": constrained(decoded(s.updateSecretVersionStage)),
	})
	return s
}

// ServeHTTP implements [http.Handler].
func (s *SecretsManager) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Create creates a secret, or sets the current value of an existing one, and returns
// its ARN. An empty value creates a secret without a version, as a template without a
// value does.
func (s *SecretsManager) Create(name, value string) (arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sec, ok := s.secrets[name]
	if !ok {
		sec = &secret{name: name, arn: SecretARN(s.o.Region, s.o.Account, name), created: s.o.Now(), changed: s.o.Now()}
		s.secrets[name] = sec
	}
	if value != "" {
		sec.add(&version{id: uuid.NewString(), value: value, created: s.o.Now()}, []string{current})
	}
	return sec.arn
}

// Delete deletes a secret without a recovery window, as CloudFormation does.
func (s *SecretsManager) Delete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.secrets, name)
}

// SecretARN returns the ARN of a secret that Create creates. On AWS it ends with six
// random characters; here they are derived from the name.
func SecretARN(region, account, name string) string {
	sum := sha256.Sum256([]byte(name))
	suffix := new(big.Int).SetBytes(sum[:]).Text(62)
	return fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:%s-%s", region, account, name, suffix[:6])
}

// find returns a secret by its name, its ARN, or its ARN without the random suffix.
func (s *SecretsManager) find(id string) (*secret, error) {
	if sec, ok := s.secrets[id]; ok {
		return sec, nil
	}
	for _, sec := range s.secrets {
		if id == sec.arn || id == sec.arn[:len(sec.arn)-len("-XXXXXX")] {
			return sec, nil
		}
	}
	return nil, newError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

// seconds converts a time to AWS JSON's form.
func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

type getSecretValueInput struct{ SecretId, VersionId, VersionStage string }

type getSecretValueOutput struct {
	ARN, Name, VersionId, SecretString string
	VersionStages                      []string
	CreatedDate                        float64
}

func (s *SecretsManager) getSecretValue(in getSecretValueInput) (*getSecretValueOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sec, err := s.find(in.SecretId)
	if err != nil {
		return nil, err
	}
	v, err := sec.lookup(in.VersionId, in.VersionStage)
	if err != nil {
		return nil, err
	}
	return &getSecretValueOutput{
		ARN: sec.arn, Name: sec.name, VersionId: v.id, SecretString: v.value,
		VersionStages: sec.labelsOf(v), CreatedDate: seconds(v.created),
	}, nil
}
