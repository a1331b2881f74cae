# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of how a cluster is reached: the options that kubernetes.core gives its modules, in words of our own.

Their names, types and aliases are kubernetes.core's (plugins/module_utils/args_common.py, AUTH_ARG_SPEC), which a test
compares. What renders this documentation, such as the importer of a Galaxy server, need not have kubernetes.core.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Ansible looks for this name."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig file, several paths with V(:) between them, or the content of one as a dictionary.
      - Without it, and without O(host), the environment variable E(K8S_AUTH_KUBECONFIG) counts, then C(~/.kube/config).
    type: raw
  context:
    description:
      - Name of the context in O(kubeconfig); without it the file's own current context, or E(K8S_AUTH_CONTEXT).
    type: str
  host:
    description:
      - Address of the API server, such as V(https://standby.example.com:6443). Environment variable E(K8S_AUTH_HOST).
    type: str
  api_key:
    description:
      - Token that is sent to the API server. Environment variable E(K8S_AUTH_API_KEY).
    type: str
  username:
    description:
      - Name for HTTP Basic authentication, which few API servers accept. Environment variable E(K8S_AUTH_USERNAME).
    type: str
  password:
    description:
      - Password for HTTP Basic authentication, together with O(username). Environment variable E(K8S_AUTH_PASSWORD).
    type: str
  client_cert:
    description:
      - Path of the client's certificate. Environment variable E(K8S_AUTH_CERT_FILE).
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the key of O(client_cert). Environment variable E(K8S_AUTH_KEY_FILE).
    type: path
    aliases: [key_file]
  ca_cert:
    description:
      - Path of the certificates, up to the root, by which the API server is recognised. Environment variable
        E(K8S_AUTH_SSL_CA_CERT).
    type: path
    aliases: [ssl_ca_cert]
  validate_certs:
    description:
      - Whether the API server's certificate is verified; it is unless this is V(false), which is warned of. Environment
        variable E(K8S_AUTH_VERIFY_SSL).
    type: bool
    aliases: [verify_ssl]
  proxy:
    description:
      - URL of an HTTP proxy to the API server. Proxy variables of the environment, such as C(HTTP_PROXY), do not count.
        Environment variable E(K8S_AUTH_PROXY).
    type: str
  no_proxy:
    description:
      - Hosts, domains and networks that are reached without O(proxy), with commas between them. Environment variable
        E(K8S_AUTH_NO_PROXY).
    type: str
  proxy_headers:
    description:
      - Headers for the proxy.
    type: dict
    suboptions:
      proxy_basic_auth:
        description:
          - C(name:password) of the proxy. Environment variable E(K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH).
        type: str
      basic_auth:
        description:
          - C(name:password) that is sent through the proxy. Environment variable E(K8S_AUTH_PROXY_HEADERS_BASIC_AUTH).
        type: str
      user_agent:
        description:
          - What the client calls itself. Environment variable E(K8S_AUTH_PROXY_HEADERS_USER_AGENT).
        type: str
  persist_config:
    description:
      - Whether a token that was renewed is written back to O(kubeconfig). Environment variable
        E(K8S_AUTH_PERSIST_CONFIG).
    type: bool
  impersonate_user:
    description:
      - User in whose name the requests are made. Environment variable E(K8S_AUTH_IMPERSONATE_USER).
    type: str
  impersonate_groups:
    description:
      - Groups in whose name the requests are made. Environment variable E(K8S_AUTH_IMPERSONATE_GROUPS), with commas
        between them.
    type: list
    elements: str
"""
