package stacks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/rogpeppe/go-internal/lockedfile"
)

// kept is a folder of the user's cache with the results of all syntheses, which take half
// a minute of CPU time. They are valid for the test binary that made them, which has the
// stack, the CDK, cdk-nag and the settings, with the same Node, cdk.json and environment.
// A second run at the same time waits until the first one closes the folder.
type kept struct {
	dir      string
	complete bool // the folder has the results
	of       []byte
	unlock   func()
}

// keptOf is the file in the folder with the hash of what the results are valid for.
const keptOf = "of"

func openKept() (*kept, error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // the user has no home
	}
	sum := sha256.Sum256([]byte(here))
	k := &kept{dir: filepath.Join(cache, "serverless-mcp", "stacks-"+hex.EncodeToString(sum[:6]))}
	if err := os.MkdirAll(filepath.Dir(k.dir), 0o700); err != nil {
		return nil, err
	}
	if k.unlock, err = lockedfile.MutexAt(k.dir + ".lock").Lock(); err != nil {
		return nil, fmt.Errorf("wait for another run: %w", err)
	}
	if k.of, err = inputHash(); err != nil {
		k.close()
		return nil, err
	}
	of, err := os.ReadFile(filepath.Join(k.dir, keptOf))
	if k.complete = err == nil && bytes.Equal(of, k.of); k.complete {
		return k, nil
	}
	if err := k.empty(); err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

// empty removes what the folder has, first of all the mark that it is complete.
func (k *kept) empty() error {
	k.complete = false
	if err := os.Remove(filepath.Join(k.dir, keptOf)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(os.RemoveAll(k.dir), os.Mkdir(k.dir, 0o700))
}

// synthesis returns the kept result of a name, or synthesizes it.
func (k *kept) synthesis(name string, p Props, extra func(awscdk.Stack)) (synthesized, error) {
	dir := filepath.Join(k.dir, name)
	if result, err := load(dir, p.Settings); err == nil {
		return result, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return synthesized{}, err
	}
	result, err := synthesize(dir+".new", p, extra)
	if err != nil {
		return synthesized{}, err
	}
	result.dir = dir
	return result, os.Rename(dir+".new", dir)
}

// keep marks the folder as complete.
func (k *kept) keep() error {
	if k.complete {
		return nil
	}
	return os.WriteFile(filepath.Join(k.dir, keptOf), k.of, 0o600)
}

// close lets other runs use the folder.
func (k *kept) close() {
	if k != nil {
		k.unlock()
	}
}

// inputHash returns a hash of everything that a synthesis depends on.
func inputHash() ([]byte, error) {
	hash := sha256.New()
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	for _, file := range []string{program, filepath.Join("..", "cdk.json")} {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(hash, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
	}
	node, err := exec.Command("node", "--version").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("run Node: %w: %s", err, node)
	}
	hash.Write(node)
	environ := os.Environ()
	slices.Sort(environ)
	for _, variable := range environ {
		for _, prefix := range []string{"AWS_", "CDK_", "JSII_", "NODE_"} {
			if strings.HasPrefix(variable, prefix) {
				fmt.Fprintf(hash, "%q", variable)
			}
		}
	}
	return hash.Sum(nil), nil
}
