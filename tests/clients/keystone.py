"""How the stories log in with clients of the OpenStack family: a password buys a token, and the token has a catalog."""

import openstack
from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from simulator import ACCOUNT, REGION


def login(imsim, project):
    """What these clients ask for. Each project has a user of its own name; the domain does not match, as with many."""
    return {
        "auth_url": f"{imsim.url}/v3",
        "username": project,
        "password": project,
        "user_domain_name": ACCOUNT,
        "project_name": project,
        "project_domain_id": "default",
    }


def session(imsim, project):
    """What clients take that leave the login to keystoneauth."""
    return Session(auth=v3.Password(**login(imsim, project)))


def connection(imsim, project):
    """openstacksdk's connection, which finds its services in the catalog."""
    return openstack.connect(
        **login(imsim, project), region_name=REGION, load_yaml_config=False, load_envvars=False
    )


def environment(imsim, project):
    """The same as variables, as the `openstack` command takes them."""
    said = {**login(imsim, project), "region_name": REGION, "identity_api_version": "3"}
    return {f"OS_{key.upper()}": value for key, value in said.items()}
