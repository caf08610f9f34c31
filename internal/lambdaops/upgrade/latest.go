package upgrade

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"serverless-mcp/internal/lambdaops/journal"
)

// latest is the state in which a rollback finds $LATEST.
type latest int

const (
	unknown  latest = iota
	original        // $LATEST has the old runtime
	ours            // $LATEST is as the upgrade left it
	others          // others have changed it
)

// latestState returns the state of $LATEST; for others also the reason.
func latestState(op journal.Operation, now *lambda.GetFunctionConfigurationOutput) (latest, string) {
	switch runtime := string(now.Runtime); {
	case runtime == op.From && now.LastUpdateStatus != types.LastUpdateStatusInProgress:
		return original, ""
	case runtime != op.To && runtime != op.From:
		return others, "its runtime was set to " + runtime + " in the meantime"
	case aws.ToString(now.CodeSha256) != op.CodeHash:
		return others, "other code was deployed in the meantime"
	}
	return ours, ""
}

func (r *run) readLatest(ctx context.Context) latest {
	now, err := r.u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &r.op.Function})
	if err != nil {
		r.problem("$LATEST could not be read: %s", ErrorText(err))
		return unknown
	}
	state, why := latestState(r.op, now)
	if state == others {
		r.note("$LATEST is left on %s: %s", now.Runtime, why)
	}
	return state
}

// restoreLatest puts $LATEST back to the old runtime, and reports whether that succeeded.
func (r *run) restoreLatest(ctx context.Context) bool {
	err := r.step(ctx, "put $LATEST back to "+r.op.From, 0, func(ctx context.Context) error {
		now, err := r.u.waitSettled(ctx, r.op.Function, "")
		if err != nil && !errors.Is(err, errFailed) {
			return err
		}
		if state, why := latestState(r.op, now); state == others {
			return fmt.Errorf("%w: %s", errChanged, why)
		}
		_, err = r.u.o.Lambda.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: &r.op.Function, Runtime: types.Runtime(r.op.From), RevisionId: now.RevisionId,
		})
		if err != nil {
			return err
		}
		_, err = r.u.waitSettled(ctx, r.op.Function, "")
		return err
	})
	// AWS returns InvalidParameterValueException for a runtime that it no longer accepts.
	if apiCode(err) == "InvalidParameterValueException" || errors.Is(err, errChanged) {
		r.note("$LATEST stays on %s: %s", r.op.To, ErrorText(err))
		return false
	}
	if err != nil {
		r.problem("$LATEST is not back on %s: %s", r.op.From, ErrorText(err))
		return false
	}
	return true
}
