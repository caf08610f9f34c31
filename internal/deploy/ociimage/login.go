package ociimage

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/authn"
)

// A Registry is an account's ECR in one region, with credentials for 12 hours.
type Registry struct {
	Host string // such as 123456789012.dkr.ecr.eu-central-1.amazonaws.com
	Auth authn.Authenticator
}

// Login logs in to the registry of the account and region of cfg.
func Login(ctx context.Context, cfg aws.Config) (Registry, error) {
	out, err := ecr.NewFromConfig(cfg).GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return Registry{}, fmt.Errorf("log in to ECR: %w", err)
	}
	if len(out.AuthorizationData) == 0 {
		return Registry{}, errors.New("log in to ECR: the response has no token")
	}
	data := out.AuthorizationData[0]
	// The token is user:password; neither may appear in an error.
	plain, err := base64.StdEncoding.DecodeString(aws.ToString(data.AuthorizationToken))
	user, password, ok := strings.Cut(string(plain), ":")
	if err != nil || !ok {
		return Registry{}, errors.New("log in to ECR: the token does not have the documented form")
	}
	_, host, _ := strings.Cut(aws.ToString(data.ProxyEndpoint), "://")
	if host == "" {
		return Registry{}, errors.New("log in to ECR: the response has no registry address")
	}
	return Registry{Host: host, Auth: authn.FromConfig(authn.AuthConfig{Username: user, Password: password})}, nil
}
