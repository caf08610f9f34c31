package ociimage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// ErrNoRepository means that the registry has no repository of that name. ECR does
// not create a repository on push.
var ErrNoRepository = errors.New("no such repository")

// Push pushes an image to a repository, such as
// 123456789012.dkr.ecr.eu-central-1.amazonaws.com/name, and returns its reference
// by digest. It does not send layers that the repository already has. If the repository has
// the image, Push changes nothing: a repository with immutable tags rejects even an
// identical tag.
//
// The tag is the digest's 64 hex digits. Repositories expire untagged images, and "cdk gc"
// deletes every image with no tag that occurs in a deployed template; the template contains
// the digest.
func Push(ctx context.Context, repository string, image v1.Image, auth authn.Authenticator) (reference string, pushed bool, err error) {
	repo, err := name.NewRepository(repository)
	if err != nil {
		return "", false, fmt.Errorf("push the image: %w", err)
	}
	digest, err := image.Digest()
	if err != nil {
		return "", false, fmt.Errorf("push the image: %w", err)
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuth(auth)}
	byDigest := repo.Digest(digest.String())
	tag := repo.Tag(digest.Hex)
	switch found, err := remote.Head(tag, options...); {
	case err == nil && found.Digest == digest:
		return byDigest.String(), false, nil
	case err != nil && !isStatus(err, http.StatusNotFound):
		return "", false, fmt.Errorf("look for the image in %s: %w", repo, explain(err))
	}
	if err := remote.Write(tag, image, options...); err != nil {
		return "", false, fmt.Errorf("push the image to %s: %w", repo, explain(err))
	}
	return byDigest.String(), true, nil
}

// explain returns [ErrNoRepository] if the registry reports that the repository does not
// exist, and other errors unchanged.
func explain(err error) error {
	var failed *transport.Error
	if errors.As(err, &failed) && slices.ContainsFunc(failed.Errors, func(d transport.Diagnostic) bool { return d.Code == transport.NameUnknownErrorCode }) {
		return ErrNoRepository
	}
	return err
}

// isStatus reports whether the registry responded with that status code.
func isStatus(err error, code int) bool {
	var failed *transport.Error
	return errors.As(err, &failed) && failed.StatusCode == code
}

// Save writes an image to a file for "docker load" and other engines. The image's name is
// title, with a tag derived from the digest.
func Save(path, title string, image v1.Image) error {
	digest, err := image.Digest()
	if err != nil {
		return fmt.Errorf("save the image: %w", err)
	}
	tag, err := name.NewTag(title + ":" + digest.Hex[:16])
	if err != nil {
		return fmt.Errorf("save the image: %w", err)
	}
	if err := tarball.WriteToFile(path, tag, image); err != nil {
		return fmt.Errorf("save the image: %w", err)
	}
	return nil
}
