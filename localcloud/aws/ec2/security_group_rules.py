"""Changes of security group rules in place. moto does the rest: it also refuses duplicates, and
more rules than the quota allows."""

from typing import Any

from moto.ec2.models import EC2Backend


class SecurityGroupRules(EC2Backend):
    """The part of EC2 that changes rules in place."""

    def modify_security_group_rules(self, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        """Also changes rules that reference a group, and rules for all protocols, which have no
        ports."""
        for rule in rules.values():
            if rule.get("IpProtocol") == "-1":
                rule |= {"FromPort": "-1", "ToPort": "-1"}  # moto asks for them
        super().modify_security_group_rules(group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for number, rule in rules.items():
            present = group and group.get_rule(number)
            if present and rule.get("IpProtocol") == "-1":
                present.from_port = present.to_port = None
            if present and (referenced := rule.get("ReferencedGroupId")):
                present.source_group = {**present.source_group, "GroupId": referenced}
