"""Which ARNs the base rule finds without any data.

Every expectation is worked out by hand from the action's resource types and their ARN formats in the Service
Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/) and the meaning that the
operation's page gives its parameters. Rules that there are for these operations are left aside.
"""

from __future__ import annotations

import pytest

from analyzer.authorize.resources import resources
from analyzer.authorize.texts import Texts
from analyzer.catalog import find_action
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import AnyResource
from analyzer.rules import ActionEntry, Binding, ServiceRules, TypeBinding, iam_prefix
from tests.authorize.calls import call

PLACE = "eu-west-1:123456789012"

CASES: list[tuple[str, dict[str, object], list[str]]] = [
    # The parameter is called like the variable.
    ("dynamodb.GetItem", {"TableName": "t", "Key": {}}, ["arn:aws:dynamodb:*:*:table/t"]),
    ("dynamodb.DeleteTable", {"TableName": f"arn:aws:dynamodb:{PLACE}:table/t"}, [f"arn:aws:dynamodb:{PLACE}:table/t"]),
    ("lambda.GetCapacityProvider", {"CapacityProviderName": "c"}, ["arn:aws:lambda:*:*:capacity-provider:c"]),
    ("ecr.PutImage", {"repositoryName": "team/app", "imageManifest": "{}"}, ["arn:aws:ecr:*:*:repository/team/app"]),
    ("codebuild.StartBuild", {"projectName": "p"}, ["arn:aws:codebuild:*:*:project/p"]),
    ("codecommit.GetFile", {"repositoryName": "r", "filePath": "a"}, ["arn:aws:codecommit:*:*:r"]),
    ("iot.DescribeThing", {"thingName": "t"}, ["arn:aws:iot:*:*:thing/t"]),
    ("sagemaker.DescribeEndpoint", {"EndpointName": "e"}, ["arn:aws:sagemaker:*:*:endpoint/e"]),
    (
        "sagemaker.CreateEndpoint",
        {"EndpointName": "e", "EndpointConfigName": "c"},
        ["arn:aws:sagemaker:*:*:endpoint-config/c", "arn:aws:sagemaker:*:*:endpoint/e"],
    ),
    ("glue.StartJobRun", {"JobName": "j"}, ["arn:aws:glue:*:*:job/j"]),
    ("opensearch.DescribeDomain", {"DomainName": "d"}, ["arn:aws:es:*:*:domain/d"]),
    ("cloudfront.CreateInvalidation", {"DistributionId": "E1"}, ["arn:aws:cloudfront::*:distribution/E1"]),
    (
        "servicediscovery.RegisterInstance",
        {"ServiceId": "s", "InstanceId": "i"},
        ["arn:aws:servicediscovery:*:*:service/s"],
    ),
    ("emr-serverless.StartJobRun", {"applicationId": "a"}, ["arn:aws:emr-serverless:*:*:/applications/a"]),
    ("elasticache.DescribeCacheClusters", {"CacheClusterId": "c"}, ["arn:aws:elasticache:*:*:cluster:c"]),
    (
        "timestream-write.WriteRecords",
        {"DatabaseName": "d", "TableName": "t", "Records": []},
        ["arn:aws:timestream:*:*:database/d/table/t"],
    ),
    (
        "codedeploy.CreateDeployment",
        {"applicationName": "a", "deploymentGroupName": "g"},
        ["arn:aws:codedeploy:*:*:deploymentgroup:a/g"],
    ),
    ("mq.DescribeBroker", {"BrokerId": "b-1"}, ["arn:aws:mq:*:*:broker:*:b-1"]),
    # A list of them.
    (
        "ec2.StartInstances",
        {"InstanceIds": ["i-1", "i-2"]},
        ["arn:aws:ec2:*:*:instance/i-1", "arn:aws:ec2:*:*:instance/i-2"],
    ),
    ("ec2.TerminateInstances", {"InstanceIds": ["i-1"]}, ["arn:aws:ec2:*:*:instance/i-1"]),
    ("glue.BatchGetCrawlers", {"CrawlerNames": ["c"]}, ["arn:aws:glue:*:*:crawler/c"]),
    ("glue.BatchGetWorkflows", {"Names": ["w"]}, ["arn:aws:glue:*:*:workflow/w"]),
    ("logs.DescribeSubscriptionFilters", {"logGroupName": "g"}, ["arn:aws:logs:*:*:log-group:g"]),
    # The same word, otherwise ended.
    ("batch.UpdateJobQueue", {"jobQueue": "q"}, ["arn:aws:batch:*:*:job-queue/q"]),
    ("batch.DeleteComputeEnvironment", {"computeEnvironment": "c"}, ["arn:aws:batch:*:*:compute-environment/c"]),
    ("iam.GetRole", {"RoleName": "r"}, ["arn:aws:iam::*:role/r"]),
    ("iam.AttachRolePolicy", {"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/P"}, ["arn:aws:iam::*:role/r"]),
    ("iam.CreateUser", {"UserName": "u"}, ["arn:aws:iam::*:user/u"]),
    ("codeartifact.GetAuthorizationToken", {"domain": "d"}, ["arn:aws:codeartifact:*:*:domain/d"]),
    ("ecs.DescribeClusters", {"clusters": ["c"]}, ["arn:aws:ecs:*:*:cluster/c"]),
    ("ecs.UpdateService", {"cluster": "c", "service": "s"}, ["arn:aws:ecs:*:*:service/c/s"]),
    ("ecs.UpdateService", {"service": "s"}, ["arn:aws:ecs:*:*:service/*/s"]),
    (
        "ecs.DescribeTasks",
        {"cluster": "c", "tasks": ["1f", "2f"]},
        ["arn:aws:ecs:*:*:task/c/1f", "arn:aws:ecs:*:*:task/c/2f"],
    ),
    ("rds.StartDBInstance", {"DBInstanceIdentifier": "i"}, ["arn:aws:rds:*:*:db:i"]),
    ("redshift.PauseCluster", {"ClusterIdentifier": "c"}, ["arn:aws:redshift:*:*:cluster:c"]),
    ("route53.ListResourceRecordSets", {"HostedZoneId": "Z1"}, ["arn:aws:route53:::hostedzone/Z1"]),
    ("quicksight.DescribeDashboard", {"AwsAccountId": "1", "DashboardId": "d"}, ["arn:aws:quicksight:*:*:dashboard/d"]),
    ("eks.DescribeNodegroup", {"clusterName": "c", "nodegroupName": "n"}, ["arn:aws:eks:*:*:nodegroup/c/n/*"]),
    # A part of it.
    ("rds.StopDBCluster", {"DBClusterIdentifier": "c"}, ["arn:aws:rds:*:*:cluster:c"]),
    ("neptune.StopDBCluster", {"DBClusterIdentifier": "c"}, ["arn:aws:rds:*:*:cluster:c"]),
    (
        "rds.CreateDBSnapshot",
        {"DBInstanceIdentifier": "i", "DBSnapshotIdentifier": "s"},
        ["arn:aws:rds:*:*:db:i", "arn:aws:rds:*:*:snapshot:s"],
    ),
    ("ec2.AuthorizeSecurityGroupIngress", {"GroupId": "sg-1"}, ["arn:aws:ec2:*:*:security-group/sg-1"]),
    (
        "autoscaling.SetDesiredCapacity",
        {"AutoScalingGroupName": "g", "DesiredCapacity": 1},
        ["arn:aws:autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/g"],
    ),
    (
        "rds.RemoveFromGlobalCluster",
        {"GlobalClusterIdentifier": "g", "DbClusterIdentifier": f"arn:aws:rds:{PLACE}:cluster:c"},
        ["arn:aws:rds::*:global-cluster:g", f"arn:aws:rds:{PLACE}:cluster:c"],
    ),
    # `Name`, `Id` and `Identifier` are those of what the operation is about.
    ("glue.StartCrawler", {"Name": "c"}, ["arn:aws:glue:*:*:crawler/c"]),
    (
        "glue.GetTable",
        {"DatabaseName": "d", "Name": "t"},
        ["arn:aws:glue:*:*:catalog", "arn:aws:glue:*:*:database/d", "arn:aws:glue:*:*:table/d/t"],
    ),
    ("glue.GetDatabase", {"Name": "d"}, ["arn:aws:glue:*:*:catalog", "arn:aws:glue:*:*:database/d"]),
    ("codepipeline.StartPipelineExecution", {"name": "p"}, ["arn:aws:codepipeline:*:*:p"]),
    ("cloudfront.GetDistribution", {"Id": "E1"}, ["arn:aws:cloudfront::*:distribution/E1"]),
    ("eks.DescribeCluster", {"name": "c"}, ["arn:aws:eks:*:*:cluster/c"]),
    ("synthetics.GetCanary", {"Name": "c"}, ["arn:aws:synthetics:*:*:canary:c"]),
    (
        "iotwireless.GetWirelessDevice",
        {"Identifier": "w", "IdentifierType": "WirelessDeviceId"},
        ["arn:aws:iotwireless:*:*:WirelessDevice/w"],
    ),
    # ... and of nothing else.
    ("glue.CancelStatement", {"SessionId": "s", "Id": 1}, ["arn:aws:glue:*:*:session/s"]),
    ("stepfunctions.CreateStateMachineAlias", {"name": "prod"}, ["arn:aws:states:*:*:stateMachine:*"]),
    # A name is no identifier: what AWS makes up is not known.
    ("cognito-idp.DescribeUserPoolDomain", {"Domain": "d"}, ["*"]),
    ("lambda.GetLayerVersion", {"LayerName": "l", "VersionNumber": 3}, ["arn:aws:lambda:*:*:layer:l:*"]),
    # What the services are called with most.
    ("kms.Encrypt", {"KeyId": "1a-2b", "Plaintext": b""}, ["arn:aws:kms:*:*:key/1a-2b"]),
    # No alias identifies a key: https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
    ("kms.Encrypt", {"KeyId": "alias/app", "Plaintext": b""}, ["arn:aws:kms:*:*:key/*"]),
    ("kms.Encrypt", {"KeyId": f"arn:aws:kms:{PLACE}:alias/app", "Plaintext": b""}, [f"arn:aws:kms:{PLACE}:key/*"]),
    (
        "kms.CreateAlias",
        {"AliasName": "alias/app", "TargetKeyId": "1a"},
        ["arn:aws:kms:*:*:alias/app", "arn:aws:kms:*:*:key/1a"],
    ),
    ("sns.Publish", {"TopicArn": f"arn:aws:sns:{PLACE}:t", "Message": ""}, [f"arn:aws:sns:{PLACE}:t"]),
    ("sns.CreateTopic", {"Name": "t"}, ["arn:aws:sns:*:*:t"]),
    ("sqs.CreateQueue", {"QueueName": "q"}, ["arn:aws:sqs:*:*:q"]),
    ("kinesis.PutRecord", {"StreamName": "s", "Data": b"", "PartitionKey": "k"}, ["arn:aws:kinesis:*:*:stream/s"]),
    ("kinesis.PutRecord", {"StreamARN": f"arn:aws:kinesis:{PLACE}:stream/s"}, [f"arn:aws:kinesis:{PLACE}:stream/s"]),
    ("firehose.PutRecord", {"DeliveryStreamName": "d", "Record": {}}, ["arn:aws:firehose:*:*:deliverystream/d"]),
    ("lambda.UpdateFunctionCode", {"FunctionName": "f"}, ["arn:aws:lambda:*:*:function:f"]),
    ("lambda.TagResource", {"Resource": f"arn:aws:lambda:{PLACE}:function:f"}, [f"arn:aws:lambda:{PLACE}:function:f"]),
    (
        "stepfunctions.StartExecution",
        {"stateMachineArn": f"arn:aws:states:{PLACE}:stateMachine:m"},
        [f"arn:aws:states:{PLACE}:stateMachine:m"],
    ),
    (
        "stepfunctions.StopExecution",
        {"executionArn": f"arn:aws:states:{PLACE}:execution:m:e"},
        [f"arn:aws:states:{PLACE}:execution:m:e"],
    ),
    (
        "cognito-idp.AdminGetUser",
        {"UserPoolId": "eu-west-1_a", "Username": "u"},
        ["arn:aws:cognito-idp:*:*:userpool/eu-west-1_a"],
    ),
    ("athena.StartQueryExecution", {"QueryString": "q", "WorkGroup": "w"}, ["arn:aws:athena:*:*:workgroup/w"]),
    ("athena.GetDataCatalog", {"Name": "c", "WorkGroup": "w"}, ["arn:aws:athena:*:*:datacatalog/c"]),
    (
        "secretsmanager.DescribeSecret",
        {"SecretId": f"arn:aws:secretsmanager:{PLACE}:secret:s-a1B2c3"},
        [f"arn:aws:secretsmanager:{PLACE}:secret:s-a1B2c3"],
    ),
    ("ssm.GetParameter", {"Name": "/a/b"}, ["arn:aws:ssm:*:*:parameter/a/b"]),
    ("ssm.GetParameters", {"Names": ["a", "/b"]}, ["arn:aws:ssm:*:*:parameter/a", "arn:aws:ssm:*:*:parameter/b"]),
    ("events.DescribeArchive", {"ArchiveName": "a"}, ["arn:aws:events:*:*:archive/a"]),
    (
        "dynamodb.Query",
        {"TableName": "t", "IndexName": "i"},
        ["arn:aws:dynamodb:*:*:table/t", "arn:aws:dynamodb:*:*:table/t/index/i"],
    ),
    ("s3.CreateBucket", {"Bucket": "b"}, ["arn:aws:s3:::b"]),
    ("s3.GetBucketAcl", {"Bucket": f"arn:aws:s3:{PLACE}:accesspoint/a"}, [f"arn:aws:s3:{PLACE}:accesspoint/a"]),
    ("config.GetCustomRulePolicy", {"ConfigRuleName": "r"}, ["arn:aws:config:*:*:config-rule/*"]),
    (
        "backup.CreateRestoreTestingPlan",
        {"RestoreTestingPlan": {"RestoreTestingPlanName": "p"}},
        ["arn:aws:backup:*:*:restore-testing-plan:*-*"],
    ),
    ("emr.AddJobFlowSteps", {"JobFlowId": "j-1", "Steps": []}, ["arn:aws:elasticmapreduce:*:*:cluster/*"]),
    ("cloudformation.CreateStack", {"StackName": "s"}, ["arn:aws:cloudformation:*:*:stack/s/*"]),
    ("ec2.CreateSnapshot", {"VolumeId": "vol-1"}, ["arn:aws:ec2:*:*:volume/vol-1", "arn:aws:ec2:*::snapshot/*"]),
    # What ARNs spell otherwise is not known.
    ("wafv2.UpdateIPSet", {"Name": "n", "Scope": "REGIONAL", "Id": "1"}, ["arn:aws:wafv2:*:*:*/ipset/n/1"]),
    # Parameters that hold ARNs.
    (
        "stepfunctions.DescribeMapRun",
        {"mapRunArn": f"arn:aws:states:{PLACE}:mapRun:m/l:1"},
        [f"arn:aws:states:{PLACE}:mapRun:m/l:1"],
    ),
    (
        "elbv2.RegisterTargets",
        {"TargetGroupArn": f"arn:aws:elasticloadbalancing:{PLACE}:targetgroup/g/1"},
        [f"arn:aws:elasticloadbalancing:{PLACE}:targetgroup/g/1"],
    ),
    (
        "elbv2.DeleteListener",
        {"ListenerArn": f"arn:aws:elasticloadbalancing:{PLACE}:listener/net/l/1/2"},
        [f"arn:aws:elasticloadbalancing:{PLACE}:listener/net/l/1/2"],
    ),
    (
        "kafka.DescribeCluster",
        {"ClusterArn": f"arn:aws:kafka:{PLACE}:cluster/c/u"},
        [f"arn:aws:kafka:{PLACE}:cluster/c/u"],
    ),
    (
        "datasync.StartTaskExecution",
        {"TaskArn": f"arn:aws:datasync:{PLACE}:task/t"},
        [f"arn:aws:datasync:{PLACE}:task/t"],
    ),
    (
        "dms.StartReplicationTask",
        {"ReplicationTaskArn": f"arn:aws:dms:{PLACE}:task:T"},
        [f"arn:aws:dms:{PLACE}:task:T"],
    ),
    (
        "acm.DescribeCertificate",
        {"CertificateArn": f"arn:aws:acm:{PLACE}:certificate/c"},
        [f"arn:aws:acm:{PLACE}:certificate/c"],
    ),
    (
        "iam.GetPolicy",
        {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    ),
    # `ResourceArn` may be one of several types; the ARN says which.
    (
        "dynamodb.TagResource",
        {"ResourceArn": f"arn:aws:dynamodb:{PLACE}:table/t", "Tags": []},
        [f"arn:aws:dynamodb:{PLACE}:table/t"],
    ),
    (
        "rds.AddTagsToResource",
        {"ResourceName": f"arn:aws:rds:{PLACE}:og:o", "Tags": []},
        [f"arn:aws:rds:{PLACE}:og:o"],
    ),
    # An ARN of a related type gives what both have in common, its place included.
    (
        "ecs.DescribeServices",
        {"cluster": f"arn:aws:ecs:{PLACE}:cluster/c", "services": ["s"]},
        [f"arn:aws:ecs:{PLACE}:service/c/s"],
    ),
    (
        "ecs.StopServiceDeployment",
        {"serviceDeploymentArn": f"arn:aws:ecs:{PLACE}:service-deployment/c/s/d"},
        [f"arn:aws:ecs:{PLACE}:service-deployment/c/s/d", f"arn:aws:ecs:{PLACE}:service/c/s"],
    ),
    (
        "s3tables.GetTableEncryption",
        {"tableBucketARN": f"arn:aws:s3tables:{PLACE}:bucket/b", "namespace": "n", "name": "t"},
        [f"arn:aws:s3tables:{PLACE}:bucket/b/table/*"],
    ),
    # A value may hold the type as well, or several variables.
    ("route53.GetHostedZone", {"Id": "/hostedzone/Z1"}, ["arn:aws:route53:::hostedzone/Z1"]),
    ("ecs.DeregisterTaskDefinition", {"taskDefinition": "web:3"}, ["*"]),
    ("ecs.DeleteTaskDefinitions", {"taskDefinitions": ["web:3"]}, ["arn:aws:ecs:*:*:task-definition/web:3"]),
    ("ecs.RunTask", {"taskDefinition": "web"}, ["arn:aws:ecs:*:*:task-definition/web:*"]),
    # Several ARNs each tell something of the resource, or one of them all of it.
    (
        "ecs.UpdateService",
        {"cluster": f"arn:aws:ecs:{PLACE}:cluster/c", "service": f"arn:aws:ecs:{PLACE}:service/c/s"},
        [f"arn:aws:ecs:{PLACE}:service/c/s"],
    ),
    (
        "ecs.DescribeTasks",
        {"cluster": f"arn:aws:ecs:{PLACE}:cluster/c", "tasks": [f"arn:aws:ecs:{PLACE}:task/c/1f", "2f"]},
        [f"arn:aws:ecs:{PLACE}:task/c/1f", f"arn:aws:ecs:{PLACE}:task/c/2f"],
    ),
    (
        "vpc-lattice.GetRule",
        {
            "serviceIdentifier": f"arn:aws:vpc-lattice:{PLACE}:service/s",
            "listenerIdentifier": f"arn:aws:vpc-lattice:{PLACE}:service/s/listener/l",
            "ruleIdentifier": "r",
        },
        [f"arn:aws:vpc-lattice:{PLACE}:service/s/listener/l/rule/r"],
    ),
    # What another ARN leaves out of its place is that of the deployment: instances of IAM Identity Center have none.
    (
        "sso-admin.CreateTrustedTokenIssuer",
        {"InstanceArn": "arn:aws:sso:::instance/i", "Name": "n"},
        ["arn:aws:sso::*:trustedTokenIssuer/i/*", "arn:aws:sso:::instance/i"],
    ),
    # ... but what lies in a multi-Region access point has no region either.
    (
        "s3.GetObject",
        {"Bucket": "arn:aws:s3::123456789012:accesspoint/abc.mrap"},
        ["arn:aws:s3::123456789012:accesspoint/abc.mrap/object/*"],
    ),
    # No ARN of another service is a resource of this one.
    ("dynamodb.GetItem", {"TableName": f"arn:aws:sqs:{PLACE}:q", "Key": {}}, ["arn:aws:dynamodb:*:*:table/*"]),
    (
        "customer-profiles.PutIntegration",
        {"DomainName": "d", "Uri": f"arn:aws:appflow:{PLACE}:flow/f"},
        ["arn:aws:profile:*:*:domains/d/integrations/*"],
    ),
    ("kafka.DescribeCluster", {"ClusterArn": f"arn:aws:ecs:{PLACE}:cluster/c"}, ["arn:aws:kafka:*:*:cluster/*/*"]),
    # ... except where the action is about resources of any kind; of the same service the catalogue may lack a type.
    ("dynamodb.TagResource", {"ResourceArn": f"arn:aws:dax:{PLACE}:cache/c"}, [f"arn:aws:dax:{PLACE}:cache/c"]),
    ("kafka.DescribeCluster", {"ClusterArn": f"arn:aws:kafka:{PLACE}:shelf/s"}, [f"arn:aws:kafka:{PLACE}:shelf/s"]),
    # What is made gets its identifier from AWS: parameters of its kind name another one, or are something else.
    ("ec2.CopyFpgaImage", {"SourceFpgaImageId": "afi-1"}, ["arn:aws:ec2:*:*:fpga-image/*"]),
    (
        "ec2.CreateCapacityReservationBySplitting",
        {"SourceCapacityReservationId": "cr-1"},
        ["arn:aws:ec2:*:*:capacity-reservation/*"],
    ),
    (
        "deadline.CreateJob",
        {"farmId": "f", "queueId": "q", "sourceJobId": "j"},
        ["arn:aws:deadline:*:*:farm/f/queue/q/job/*"],
    ),
    ("personalize.CreateSchema", {"name": "n", "schema": "{}"}, ["arn:aws:personalize:*:*:schema/*"]),
    (
        "storagegateway.CreateCachediSCSIVolume",
        {
            "GatewayARN": f"arn:aws:storagegateway:{PLACE}:gateway/g",
            "SourceVolumeARN": f"arn:aws:storagegateway:{PLACE}:gateway/g/volume/v",
        },
        [f"arn:aws:storagegateway:{PLACE}:gateway/g", f"arn:aws:storagegateway:{PLACE}:gateway/g/volume/*"],
    ),
    (
        "partnercentral-selling.StartOpportunityFromEngagementTask",
        {"Catalog": "AWS", "Identifier": "eng-1"},
        ["arn:aws:partnercentral:*::catalog/AWS/opportunity-from-engagement-task/*"],
    ),
    # ... unless it is of another type than what is made, exactly called so, or made by being started again.
    (
        "elasticache.CreateGlobalReplicationGroup",
        {"GlobalReplicationGroupIdSuffix": "s", "PrimaryReplicationGroupId": "g"},
        ["arn:aws:elasticache:*:*:replicationgroup:g", "arn:aws:elasticache::*:globalreplicationgroup:*"],
    ),
    ("cloudtrail.RestoreEventDataStore", {"EventDataStore": "e"}, ["arn:aws:cloudtrail:*:*:eventdatastore/e"]),
    ("iotwireless.StartFuotaTask", {"Id": "f"}, ["arn:aws:iotwireless:*:*:FuotaTask/f"]),
    # A parameter that names another type, or something of another service, better than this one.
    (
        "rds.ModifyDBCluster",
        {"DBClusterIdentifier": "c", "DBClusterParameterGroupName": "p"},
        ["arn:aws:rds:*:*:cluster:c"],
    ),
    (
        "rds.AuthorizeDBSecurityGroupIngress",
        {"DBSecurityGroupName": "s", "EC2SecurityGroupName": "default", "EC2SecurityGroupId": "sg-1"},
        ["arn:aws:rds:*:*:secgrp:s"],
    ),
    # An id is no name where the operation has a parameter for the name too.
    ("elasticbeanstalk.RebuildEnvironment", {"EnvironmentId": "e-1"}, ["arn:aws:elasticbeanstalk:*:*:environment/*/*"]),
    # Of two things in the operation's name, `Id` is that of the one that has no parameter of its own.
    (
        "iotwireless.DisassociateWirelessGatewayFromThing",
        {"Id": "g"},
        ["arn:aws:iot:*:*:thing/*", "arn:aws:iotwireless:*:*:WirelessGateway/g"],
    ),
    (
        "iotwireless.AssociateMulticastGroupWithFuotaTask",
        {"Id": "f", "MulticastGroupId": "m"},
        ["arn:aws:iotwireless:*:*:FuotaTask/f", "arn:aws:iotwireless:*:*:MulticastGroup/m"],
    ),
    # The only resource there is of a type needs no name, but it may not be the one of several types that is meant.
    ("securityhub.EnableSecurityHub", {}, ["arn:aws:securityhub:*:*:hub/default"]),
    ("securityhub.GetFindings", {}, ["*"]),
    # An optional resource type counts where a parameter of its own names it.
    (
        "batch.SubmitJob",
        {"jobName": "j", "jobQueue": "q", "jobDefinition": "d"},
        ["arn:aws:batch:*:*:job-definition/d", "arn:aws:batch:*:*:job-queue/q", "arn:aws:batch:*:*:job/*"],
    ),
    ("iot.CreateThing", {"thingName": "t"}, ["arn:aws:iot:*:*:thing/t"]),
    (
        "iot.CreateThing",
        {"thingName": "t", "billingGroupName": "b"},
        ["arn:aws:iot:*:*:billinggroup/b", "arn:aws:iot:*:*:thing/t"],
    ),
    # None is required: the one that is named.
    ("efs.DescribeFileSystems", {"FileSystemId": "fs-1"}, ["arn:aws:elasticfilesystem:*:*:file-system/fs-1"]),
    # None is named: AWS then checks `*`, as with ecs:ListTasks (https://github.com/cdklabs/construct-hub/pull/1207).
    ("efs.DescribeFileSystems", {}, ["*"]),
    # No resource types.
    ("ec2.DescribeInstances", {"InstanceIds": ["i-1"]}, ["*"]),
]


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"), CASES, ids=[f"{number}:{case[0]}" for number, case in enumerate(CASES)]
)
def test_base_rule_finds_the_resources(operation: str, parameters: dict[str, object], expected: list[str]) -> None:
    service, _, name = operation.partition(".")
    prefix = iam_prefix(service)
    no_rules = ServiceRules(service, "", prefix, {}, {}, {})
    action = find_action(f"{prefix}:{name}")
    assert action is not None
    made = call(operation, parameters)
    texts = Texts(made, Deployment())

    found = resources(made, ActionEntry(action.name), action, no_rules, texts)

    patterns = ["*"] if isinstance(found, AnyResource) else sorted(texts.pattern(arn)[0] for arn in found)
    assert patterns == expected


def test_binding_without_a_parameter_names_nothing() -> None:
    bindings = {"shardgrp": TypeBinding((), (("DbShardGroupResourceId", Binding((), template="*")),))}
    rules = ServiceRules("rds", "", "rds", bindings, {}, {})
    action = find_action("rds:AddTagsToResource")
    assert action is not None
    made = call("rds.AddTagsToResource", {"ResourceName": f"arn:aws:rds:{PLACE}:db:d", "Tags": []})
    texts = Texts(made, Deployment())

    assert resources(made, ActionEntry(action.name), action, rules, texts) == (f"arn:aws:rds:{PLACE}:db:d",)
